namespace Oktsec.Scanning.Parsers;

/// <summary><c>*</c> is any text, <c>?</c> any one byte, <c>[*]</c> and <c>[?]</c> those characters themselves; ASCII letters in any case.</summary>
internal sealed class Glob
{
    private const int HeadLength = 8;

    private readonly byte[] text;
    private readonly ulong head;
    private readonly ulong mask;

    public Glob(byte[] text)
    {
        this.text = text;
        var wild = text.AsSpan().IndexOfAny("*?["u8);
        Prefix = wild < 0 ? text.Length : wild;
        head = HeadOf(text.AsSpan(0, Prefix));
        mask = Prefix >= HeadLength ? ulong.MaxValue : (1UL << (8 * Prefix)) - 1;
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

    /// <param name="value">What may match.</param>
    /// <param name="valueHead">Its <see cref="HeadOf"/>.</param>
    public bool Matches(ReadOnlySpan<byte> value, ulong valueHead) => ((valueHead ^ head) & mask) == 0 && Matches(text, value);

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
            else if (at + 2 < glob.Length && glob[at] == '[' && glob[at + 2] == ']' && text[i] == glob[at + 1])
            {
                at += 3;
                i++;
            }
            else if (at < glob.Length && (glob[at] == '?' || Lower(glob[at]) == Lower(text[i])))
            {
                at++;
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

    private static byte Lower(byte c) => c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c;
}
