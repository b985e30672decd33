using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Oktsec.Scanning.Matching;

/// <summary>What is told of each place where a branch may match.</summary>
internal interface ICandidateSink
{
    /// <returns>False to end the search.</returns>
    bool Candidate(Branch branch, int at);
}

/// <summary>
/// The prefilter: one pass over the text reads four bytes at every position, as if in lower case, and looks them up in a bitmap that fits the
/// first-level cache. Only a hit costs more than a nanosecond.
/// </summary>
internal sealed class GramIndex
{
    // 2^16 bits are 8 KB: a quarter of the first-level cache, and 3 % filled by 2,000 grams.
    private const int BitmapBits = 16;
    private const uint Multiplier = 0x9E3779B1;

    // Reading 'A' as 'a' takes one OR; the few other bytes it merges are told apart by the automaton.
    private const uint LowerCase = 0x20202020;

    private readonly ulong[] bitmap = new ulong[(1 << BitmapBits) / 64];
    private readonly int[] heads;
    private readonly Entry[] entries;
    private readonly int bucketMask;

    public GramIndex(IReadOnlyList<Branch> branches)
    {
        var list = new List<Entry>();
        foreach (var branch in branches)
            foreach (var gram in branch.Grams)
                list.Add(new Entry(gram.Value, gram.Offset, -1, branch));
        var buckets = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, 2 * list.Count));
        bucketMask = buckets - 1;
        heads = new int[buckets];
        Array.Fill(heads, -1);
        entries = [.. list];
        for (var i = 0; i < entries.Length; i++)
        {
            var hash = Hash(entries[i].Gram);
            bitmap[hash >> 6] |= 1UL << (int)(hash & 63);
            var bucket = hash & bucketMask;
            entries[i] = entries[i] with { Next = heads[bucket] };
            heads[bucket] = i;
        }
        Unfiltered = [.. branches.Where(branch => branch.Grams.Count == 0)];
    }

    /// <summary>Branches without grams: they read every byte.</summary>
    public IReadOnlyList<Branch> Unfiltered { get; }

    public int GramCount => entries.Length;

    private static uint Hash(uint gram) => (gram * Multiplier) >> (32 - BitmapBits);

    /// <summary>Tells <paramref name="sink"/> of every candidate in [from, to).</summary>
    public void Scan<TSink>(ReadOnlySpan<byte> text, int from, int to, TSink sink) where TSink : class, ICandidateSink
    {
        if (entries.Length == 0)
            return;
        ref var first = ref MemoryMarshal.GetReference(text);
        ref var bits = ref MemoryMarshal.GetArrayDataReference(bitmap);
        for (var i = from; i + Literals.GramLength <= to; i++)
        {
            var gram = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, i)) | LowerCase;
            var hash = (gram * Multiplier) >> (32 - BitmapBits);
            if ((Unsafe.Add(ref bits, (nint)(hash >> 6)) >> (int)(hash & 63) & 1) != 0 && !Confirm(gram, hash, i, from, sink))
                return;
        }
    }

    private bool Confirm<TSink>(uint gram, uint hash, int at, int from, TSink sink) where TSink : class, ICandidateSink
    {
        for (var i = heads[hash & bucketMask]; i >= 0; i = entries[i].Next)
        {
            ref readonly var entry = ref entries[i];
            if (entry.Gram == gram && at - entry.Offset >= from && !sink.Candidate(entry.Branch, at - entry.Offset))
                return false;
        }
        return true;
    }

    private readonly record struct Entry(uint Gram, int Offset, int Next, Branch Branch);
}
