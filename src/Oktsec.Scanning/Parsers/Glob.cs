namespace Oktsec.Scanning.Parsers;

/// <summary><c>*</c> is any text, <c>?</c> any one byte, <c>[*]</c> and <c>[?]</c> those characters themselves; ASCII letters in any case.</summary>
internal sealed class Glob
{
    private const int HeadLength = 8;

    private readonly byte[] text;
    private readonly ulong head;
    private readonly ulong mask;
    private readonly ulong pairs;

    public Glob(byte[] text)
    {
        this.text = text;
        var wild = text.AsSpan().IndexOfAny("*?["u8);
        Prefix = wild < 0 ? text.Length : wild;
        head = HeadOf(text.AsSpan(0, Prefix));
        mask = Prefix >= HeadLength ? ulong.MaxValue : (1UL << (8 * Prefix)) - 1;
        for (var at = 0; at < text.Length; at++)
        {
            var run = text.AsSpan(at).IndexOfAny("*?["u8);
            run = run < 0 ? text.Length - at : run;
            pairs |= PairsOf(text.AsSpan(at, run));
            at += run;
            // Nothing is known of what stands around a character in brackets.
            if (at + 2 < text.Length && text[at] == '[' && text[at + 2] == ']')
                at += 2;
        }
    }

    /// <summary>Letters before the first that may be another.</summary>
    public int Prefix { get; }

    /// <summary>The first eight of them, as <see cref="HeadOf"/> writes them.</summary>
    public ulong Head => head;

    public bool IsAny => text is [(byte)'*'];

    public ReadOnlySpan<byte> Text => text;

    /// <summary>The first eight bytes of a value in lower case, zeros behind its end: most globs differ from most values there.</summary>
    public static ulong HeadOf(ReadOnlySpan<byte> value)
    {
        var head = 0UL;
        for (var i = Math.Min(value.Length, HeadLength) - 1; i >= 0; i--)
            head = head << 8 | Lower(value[i]);
        return head;
    }

    /// <summary>A bit for every two letters that stand next to each other in a value, in lower case; several share one. What a glob has and a value has not keeps them apart.</summary>
    public static ulong PairsOf(ReadOnlySpan<byte> value)
    {
        var found = 0UL;
        for (var i = 1; i < value.Length; i++)
            found |= 1UL << (int)((uint)(Lower(value[i - 1]) << 8 | Lower(value[i])) * 0x9E3779B1 >> 26);
        return found;
    }

    /// <summary>False for most values that do not match.</summary>
    /// <param name="valueHead">The value's <see cref="HeadOf"/>.</param>
    public bool MayBeginLike(ulong valueHead) => ((valueHead ^ head) & mask) == 0;

    /// <summary>False for most values that do not match.</summary>
    /// <param name="valuePairs">The value's <see cref="PairsOf"/>.</param>
    public bool MayHold(ulong valuePairs) => (pairs & ~valuePairs) == 0;

    public bool Matches(ReadOnlySpan<byte> value) => Matches(text, value);

    // Goes back to the last star only, so it takes at most glob times text steps.
    private static bool Matches(ReadOnlySpan<byte> glob, ReadOnlySpan<byte> text)
    {
        int at = 0, i = 0, star = -1, mark = 0;
        while (i < text.Length)
        {
            if (at < glob.Length && glob[at] == '*')
            {
                star = at++;
                mark = i;
            }
            else if (at < glob.Length && IsLike(glob[at..], text[i], out var used))
            {
                at += used;
                i++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                i = ++mark;
            }
            else
            {
                return false;
            }
        }
        while (at < glob.Length && glob[at] == '*')
            at++;
        return at == glob.Length;
    }

    private static bool IsLike(ReadOnlySpan<byte> glob, byte value, out int used)
    {
        used = glob is [(byte)'[', _, (byte)']', ..] ? 3 : 1;
        return used == 3 ? glob[1] == value : glob[0] == '?' || Lower(glob[0]) == Lower(value);
    }

    private static byte Lower(byte c) => c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c;
}
