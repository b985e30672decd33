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

    public static bool LooksRandom(ReadOnlySpan<byte> text)
    {
        var changes = 0;
        var pairs = 0;
        var last = -1;
        var digits = 0;
        foreach (var c in text)
        {
            var kind = Kind(c);
            digits += kind == 2 ? 1 : 0;
            if (kind >= 0 && last >= 0)
            {
                pairs++;
                changes += kind != last ? 1 : 0;
            }
            last = kind;
        }
        var least = IsMixed(text) ? MinChanges : MinChangesOfOneCase;
        return digits >= 1 && pairs > 0 && changes >= least * pairs && Entropy.BitsPerByte(text) >= MinEntropy;
    }

    /// <summary>Letters of both cases and digits.</summary>
    public static bool IsMixed(ReadOnlySpan<byte> text)
    {
        var seen = 0;
        foreach (var c in text)
            if (Kind(c) is >= 0 and var kind)
                seen |= 1 << kind;
        return seen == 7;
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

    private static int Kind(byte c) => c switch
    {
        >= (byte)'a' and <= (byte)'z' => 0,
        >= (byte)'A' and <= (byte)'Z' => 1,
        >= (byte)'0' and <= (byte)'9' => 2,
        _ => -1,
    };
}
