namespace Oktsec.Scanning.Parsers;

/// <summary><c>*</c> is any text, <c>?</c> any one byte, <c>[*]</c> and <c>[?]</c> those characters themselves; ASCII letters in any case.</summary>
internal static class Glob
{
    /// <remarks>Goes back to the last star only, so it takes at most glob times text steps.</remarks>
    public static bool Matches(ReadOnlySpan<byte> glob, ReadOnlySpan<byte> text)
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
