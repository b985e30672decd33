using System.Text;
using Oktsec.Scanning.Matching;

namespace Oktsec.Scanning.Rules;

/// <summary>Why a pattern would be slow: what it costs when compiled, and whether there is anything to look for before it runs.</summary>
internal static class PatternLint
{
    // RE2's own bound for counts inside counts; (x{1,50}){1,50} is 2,500 copies of x.
    private const int MaxCopies = 1000;

    // A candidate costs some 20 ns: one in 100 bytes adds 0.2 ns to every byte, a fifth of what a whole scan takes.
    private const double MaxCandidates = 0.01;

    // Four letters that stand once in two thousand bytes: 'data', 'name', 'tion'.
    private const double MostCommon = 0.0005;

    // Three-letter words that stand in every text; four-letter ones are in GramFrequency.
    private static readonly HashSet<string> CommonWords =
    [
        "the", "and", "for", "are", "not", "you", "all", "can", "any", "but", "has", "was", "had", "its", "get", "set", "use", "new", "one", "our", "out", "may", "who", "how",
    ];

    /// <summary>One sentence per reason; nothing when the pattern is fine.</summary>
    public static IEnumerable<string> Check(RulePattern pattern) => pattern.Type switch
    {
        PatternType.Regex or PatternType.Contains or PatternType.Word => Text(pattern),
        PatternType.Shell or PatternType.Sql or PatternType.Path or PatternType.Url or PatternType.Injection => Facts(pattern.Value),
        _ => [],
    };

    private static IEnumerable<string> Text(RulePattern pattern)
    {
        RegexNode tree;
        try
        {
            tree = RuleCompiler.Tree(pattern);
        }
        catch (PatternException)
        {
            // Reported when the rule was compiled.
            return [];
        }
        return Tree(tree);
    }

    private static IEnumerable<string> Tree(RegexNode tree)
    {
        if (Copies(tree) is > MaxCopies and var copies)
            yield return $"superlinear: its counts multiply to {copies} copies, at most {MaxCopies}; lower the repeat counts";
        var anchors = Anchors.Of(tree);
        for (var i = 0; i < anchors.Count; i++)
        {
            var which = anchors.Count > 1 ? $"alternative {i + 1} of {anchors.Count} " : "";
            if (TooLarge(Anchors.Follow(tree, anchors[i].Path)) is { } reason)
                yield return $"{which}{(which.Length > 0 ? "is" : "superlinear:")} {reason}";
            else if (anchors[i].Grams.Length == 0 && anchors[i].IsAtStart)
                continue; // tried once per field
            else if (anchors[i].Grams.Length == 0)
                yield return $"{which}has no anchor: no text of at least {Literals.ShortLength} bytes stands in every match (a set of many characters, or a part that may be absent, is none), so it would read every byte; put a word of the attack into it";
            else if (Array.TrueForAll(anchors[i].Grams, IsCommon))
                yield return $"{which}has only '{Shown(anchors[i].Grams[0])}' as its anchor, which stands in nearly every text; put a rarer word into it";
            else if (anchors[i].Candidates > MaxCandidates)
                yield return $"{which}has anchors too common for their number: a candidate in every {1 / anchors[i].Candidates:F0} bytes of ordinary text is expected, at most one in {1 / MaxCandidates:F0} is allowed; leave out words like {CommonOf(anchors[i])}";
        }
    }

    private static string CommonOf(Anchor anchor) =>
        string.Join(", ", anchor.Grams.OrderByDescending(gram => GramFrequency.Of(gram.Value, gram.IsShort ? Literals.ShortLength : Literals.GramLength)).Take(3).Select(gram => $"'{Shown(gram)}'"));

    private static string? TooLarge(RegexNode tree)
    {
        try
        {
            Nfa.Check(tree);
            return null;
        }
        catch (PatternException e)
        {
            return e.Message;
        }
    }

    // The largest product of counts inside counts.
    private static long Copies(RegexNode node) => node switch
    {
        RegexNode.Concat c => c.Items.Max(Copies),
        RegexNode.Alternate a => a.Branches.Max(Copies),
        RegexNode.Group g => Copies(g.Body),
        RegexNode.Repeat r => Math.Max(1, Math.Max(r.Min, r.Max)) * Copies(r.Body),
        _ => 1,
    };

    private static bool IsCommon(Gram gram)
    {
        var length = gram.IsShort ? Literals.ShortLength : Literals.GramLength;
        return (GramFrequency.Of(gram.Value, length) >= MostCommon && Shown(gram).Any(char.IsLetter)) || CommonWords.Contains(Shown(gram));
    }

    private static string Shown(Gram gram)
    {
        Span<byte> bytes = stackalloc byte[4];
        BitConverter.TryWriteBytes(bytes, gram.Value);
        return Encoding.Latin1.GetString(bytes[..(gram.IsShort ? Literals.ShortLength : Literals.GramLength)]);
    }

    // A predicate whose every term takes anything is about every command or address.
    private static IEnumerable<string> Facts(string predicate)
    {
        foreach (var term in predicate.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries))
            if (!term[(term.IndexOf(':') + 1)..].Split('|').Contains("*"))
                yield break;
        yield return "has no anchor: every term of the predicate takes any value; name at least one";
    }
}
