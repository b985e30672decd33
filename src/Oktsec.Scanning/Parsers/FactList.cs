namespace Oktsec.Scanning.Parsers;

/// <summary>The facts of one item: keys with values. Reused; adding allocates only while it grows.</summary>
internal sealed class FactList
{
    // An item with more facts is a list of files or values; those beyond tell nothing new of the command itself, and the text views read them all.
    private const int MaxFacts = 4096;

    private byte[] text = new byte[1024];
    private (FactKey Key, int Start, int Length, ulong Head, ulong Pairs)[] facts = new (FactKey, int, int, ulong, ulong)[64];
    private int length;

    public int Count { get; private set; }

    public FactKey KeyAt(int index) => facts[index].Key;

    public ReadOnlySpan<byte> ValueAt(int index) => text.AsSpan(facts[index].Start, facts[index].Length);

    /// <summary>How the value begins (<see cref="Glob.HeadOf"/>).</summary>
    public ulong HeadAt(int index) => facts[index].Head;

    /// <summary>Which letters stand next to each other in the value (<see cref="Glob.PairsOf"/>), found when first asked for.</summary>
    public ulong PairsAt(int index)
    {
        ref var fact = ref facts[index];
        return fact.Pairs != 0 ? fact.Pairs : fact.Pairs = Glob.PairsOf(ValueAt(index));
    }

    public void Clear() => Count = length = 0;

    public void Add(FactKey key, ReadOnlySpan<byte> value)
    {
        if (Count == MaxFacts)
            return;
        if (Count == facts.Length)
            Array.Resize(ref facts, 2 * Count);
        if (length + value.Length > text.Length)
            Array.Resize(ref text, 2 * (length + value.Length));
        value.CopyTo(text.AsSpan(length));
        facts[Count++] = (key, length, value.Length, Glob.HeadOf(value), 0);
        length += value.Length;
    }

    public bool Has(FactKey key)
    {
        for (var i = 0; i < Count; i++)
            if (facts[i].Key == key)
                return true;
        return false;
    }
}
