using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Matching;

/// <summary>Character classes of RE2, ASCII as there, and what case and folding do to them.</summary>
internal static class RegexClasses
{
    /// <summary>Ends a field in the scanned buffer: no pattern crosses it, and <c>^</c>, <c>$</c> stand at it.</summary>
    public const byte FieldEnd = 0x1E;

    /// <summary>Stands between a key and its value: only a pattern that names it crosses it.</summary>
    public const byte PairEnd = 0x1F;

    public static bool IsWord(byte b) => b is (>= (byte)'0' and <= (byte)'9') or (>= (byte)'A' and <= (byte)'Z') or (byte)'_' or (>= (byte)'a' and <= (byte)'z');

    public static CharSet Any(bool withNewline) => withNewline ? CharSet.Of(0, CharSet.MaxCodePoint) : CharSet.Of('\n').Negate();

    public static CharSet? Perl(char escape) => escape switch
    {
        'd' => Digit(),
        'D' => Digit().Negate(),
        'w' => Word(),
        'W' => Word().Negate(),
        's' => Space(),
        'S' => Space().Negate(),
        _ => null,
    };

    public static CharSet? Posix(string name) => name switch
    {
        "alnum" => CharSet.Of('0', '9').With('A', 'Z').With('a', 'z'),
        "alpha" => CharSet.Of('A', 'Z').With('a', 'z'),
        "ascii" => CharSet.Of(0, 0x7F),
        "blank" => CharSet.Of('\t').With(' ', ' '),
        "cntrl" => CharSet.Of(0, 0x1F).With(0x7F, 0x7F),
        "digit" => Digit(),
        "graph" => CharSet.Of('!', '~'),
        "lower" => CharSet.Of('a', 'z'),
        "print" => CharSet.Of(' ', '~'),
        "punct" => CharSet.Of('!', '/').With(':', '@').With('[', '`').With('{', '~'),
        "space" => Space(),
        "upper" => CharSet.Of('A', 'Z'),
        "word" => Word(),
        "xdigit" => CharSet.Of('0', '9').With('A', 'F').With('a', 'f'),
        _ => null,
    };

    /// <summary>The set as the matcher sees it: with the other case, or folded as the text is. The set itself may change.</summary>
    public static CharSet Finish(CharSet set, bool ignoreCase, bool folded)
    {
        if (set.Single is FieldEnd or PairEnd)
            return set;
        if (folded)
            set = Fold(set);
        else if (ignoreCase)
            AddOtherCase(set);
        set.Remove(FieldEnd);
        set.Remove(PairEnd);
        return set;
    }

    private static CharSet Digit() => CharSet.Of('0', '9');

    private static CharSet Word() => CharSet.Of('0', '9').With('A', 'Z').With('_', '_').With('a', 'z');

    private static CharSet Space() => CharSet.Of('\t', '\r').With(' ', ' ');

    private static void AddOtherCase(CharSet set)
    {
        for (int i = 0, count = set.Count; i < count && set.Low(i) <= 'z'; i++)
        {
            var (low, high) = (set.Low(i), set.High(i));
            set.Add(Math.Max(low, 'a') - 32, Math.Min(high, 'z') - 32);
            set.Add(Math.Max(low, 'A') + 32, Math.Min(high, 'Z') + 32);
            count = set.Count;
        }
    }

    // Folded text holds lower-case letters, one space or newline for any run of white space, and plain forms of look-alikes.
    private static CharSet Fold(CharSet set)
    {
        // A blank in a pattern stands for any white space, which folds to a space or, with a line end in it, to a newline.
        if (set.Single is ' ' or '\t' or '\r')
            return CharSet.Of(' ').With('\n', '\n');
        var result = set.Copy();
        for (var i = 0; i < set.Count; i++)
        {
            var (low, high) = (set.Low(i), set.High(i));
            result.Add(Math.Max(low, 'A') + 32, Math.Min(high, 'Z') + 32);
            // Wide ranges are negations or whole scripts: they hold the folded forms already, or mean not to.
            for (var c = Math.Max(low, 0x80); c <= high && high - low < 0x500; c++)
                if (UnicodeFold.Single(c) is var plain and >= 0)
                    result.Add(plain, plain);
        }
        if (set.Contains('\t') || set.Contains('\r'))
            result.Add(set.Contains('\n') ? '\n' : ' ', set.Contains('\n') ? '\n' : ' ');
        return result;
    }
}
