using System.Text;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Tests.Scan;

/// <summary>The patterns of a rule are looked at one after another, the rare ones first: whichever stand in the text, and in whatever order, the condition decides.</summary>
public sealed class VerifyOrderTests
{
    // From rare to common, one of them on the text as it came, one without anything to look for.
    private static readonly (string Id, string Pattern, PatternView View, string Example)[] Patterns =
    [
        ("a", "frobnicat(?:e|or)", PatternView.Folded, "Frobnicator"),
        ("b", "quickly|slowly", PatternView.Folded, "slowly"),
        ("c", "KEY-[A-Z]{3}", PatternView.Raw, "KEY-ABC"),
        ("d", "[a-z][0-9][a-z][0-9]", PatternView.Folded, "q7q7"),
        ("e", "the (?:file|mail)", PatternView.Folded, "the  mail"),
        ("f", "send", PatternView.Folded, "SEND"),
    ];

    [Theory]
    [InlineData("a and b and c and d and e and f")]
    [InlineData("a or b or f")]
    [InlineData("(a or d) and (c or f) and e")]
    [InlineData("f and (a or b and c)")]
    [InlineData("d and e")]
    [InlineData("c and f")]
    public void Scan_AnySubsetInAnyOrder_IsFoundWhenTheConditionHolds(string condition)
    {
        var rule = new Rule
        {
            Id = "T-1",
            Name = "t",
            Category = "custom",
            Severity = Severity.High,
            Condition = condition,
            Patterns = [.. Patterns.Select(pattern => new RulePattern(pattern.Id, PatternType.Regex, pattern.Pattern, pattern.View))],
        };
        var scanner = new ContentScanner(RuleSet.Create([rule], out var problems));
        Assert.Empty(problems);
        var random = new Random(11);
        for (var subset = 0; subset < 1 << Patterns.Length; subset++)
        {
            var parts = Patterns.Where((_, i) => (subset >> i & 1) != 0).Select(pattern => pattern.Example).ToArray();
            random.Shuffle(parts);
            var text = string.Join(" - ", parts);
            var holds = Holds(condition, subset);
            Assert.True(holds == scanner.ScanText(Encoding.UTF8.GetBytes(text), Place.Result, ScanHints.None).Findings.Count > 0, $"{condition}: {text}");
            // What one field holds does not count for another.
            if (holds && parts.Length > 1 && !Enumerable.Range(0, Patterns.Length).Any(i => Holds(condition, subset & 1 << i)))
                Assert.Empty(scanner.ScanJson(Encoding.UTF8.GetBytes($"[{string.Join(",12345,", parts.Select(part => $"\"{part}\""))}]"), Place.Definition, ScanHints.None).Findings);
        }
    }

    // "and" binds before "or".
    private static bool Holds(string condition, int found)
    {
        var (terms, depth, start) = (new List<string>(), 0, 0);
        foreach (var word in new[] { " or ", " and " })
        {
            terms.Clear();
            (depth, start) = (0, 0);
            for (var i = 0; i < condition.Length; i++)
            {
                depth += condition[i] == '(' ? 1 : condition[i] == ')' ? -1 : 0;
                if (depth > 0 || string.CompareOrdinal(condition, i, word, 0, word.Length) != 0)
                    continue;
                terms.Add(condition[start..i]);
                start = i + word.Length;
            }
            if (terms.Count == 0)
                continue;
            terms.Add(condition[start..]);
            return word == " or " ? terms.Exists(term => Holds(term, found)) : terms.TrueForAll(term => Holds(term, found));
        }
        return condition[0] == '(' ? Holds(condition[1..^1], found) : (found >> (condition[0] - 'a') & 1) != 0;
    }
}
