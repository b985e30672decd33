namespace Oktsec.Scanning.Validators;

/// <summary>Tells generated text from names: in <c>getUserTokenV2</c> letters of one case stand together, in a generated text they change all the time.</summary>
internal static class Randomness
{
    // Of neighbours in random letters and digits 60 % differ in kind; with one case of letters 40 %, give or take 7 of 48. Words with a number behind
    // them stay under 15 %, names in camel case under 30 %.
    private const double MinChanges = 0.3;
    private const double MinChangesOfOneCase = 0.22;

    // Sixteen random hex digits have at least 2.8 bits each in 99 of 100 cases.
    private const double MinEntropy = 2.8;

    private const int Digit = 2;
    private const int AllKinds = 7;

    // 0 and 1 are letters, 2 is a digit, the rest is nothing of these.
    private static readonly sbyte[] Kinds =
        [.. Enumerable.Range(0, 256).Select(c => (sbyte)(char.IsAsciiLetterLower((char)c) ? 0 : char.IsAsciiLetterUpper((char)c) ? 1 : char.IsAsciiDigit((char)c) ? Digit : -1))];

    public static bool LooksRandom(ReadOnlySpan<byte> text)
    {
        var changes = 0;
        var pairs = 0;
        var last = -1;
        var seen = 0;
        foreach (var c in text)
        {
            var kind = Kind(c);
            seen |= kind >= 0 ? 1 << kind : 0;
            if (kind >= 0 && last >= 0)
            {
                pairs++;
                changes += kind != last ? 1 : 0;
            }
            last = kind;
        }
        var least = seen == AllKinds ? MinChanges : MinChangesOfOneCase;
        return (seen & 1 << Digit) != 0 && pairs > 0 && changes >= least * pairs && Entropy.BitsPerByte(text) >= MinEntropy;
    }

    /// <summary>Letters of both cases and digits.</summary>
    public static bool IsMixed(ReadOnlySpan<byte> text)
    {
        var seen = 0;
        foreach (var c in text)
            if (Kind(c) is >= 0 and var kind)
                seen |= 1 << kind;
        return seen == AllKinds;
    }

    /// <summary>At least two of each: a name with a version has one digit, hex with a slip of the shift key one capital.</summary>
    public static bool IsWellMixed(ReadOnlySpan<byte> text)
    {
        Span<int> counts = stackalloc int[3];
        foreach (var c in text)
            if (Kind(c) is >= 0 and var kind)
                counts[kind]++;
        return counts[0] >= 2 && counts[1] >= 2 && counts[2] >= 2;
    }

    private static int Kind(byte c) => Kinds[c];
}
