using System.Text;
using System.Text.RegularExpressions;
using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Rules;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Tests.Matching;

/// <summary>The matcher finds exactly the patterns that plain .NET regexes find in the same views.</summary>
public sealed class OracleTests
{
    private static readonly string[] Prose =
    [
        "The quick report was finished on Tuesday, and the team moved on. ", "See the notes below: item one, item two (three). ", "", "x", "key = value; other=\"thing\"\n",
    ];

    private static readonly List<RulePattern> Patterns =
        [.. RuleSet.BuiltIn().All.SelectMany(rule => rule.Patterns).Where(pattern => pattern.Type is PatternType.Regex or PatternType.Contains or PatternType.Word)];

    // One rule per pattern, without fields, conditions or validators: the matcher by itself.
    private static readonly ContentScanner Scanner = new(RuleSet.Create(Patterns.Select((pattern, i) => new Rule
    {
        Id = $"P{i}",
        Name = "p",
        Category = "custom",
        Severity = Severity.Low,
        Patterns = [pattern with { Validators = [] }],
    }), out _));

    private static readonly Lazy<Regex[]> Plain = new(() => [.. Patterns.Select(pattern => DotNetPattern.Compile(pattern, RegexOptions.None))]);

    [Fact]
    public void Matcher_TextOfEveryPattern_AgreesWithPlainRegexes() => Compare(samples: 1, seed: 1);

    [Fact]
    [Trait("Category", "Slow")]
    public void Matcher_ManyTextsOfEveryPattern_AgreesWithPlainRegexes() => Compare(samples: 8, seed: 2);

    private static void Compare(int samples, int seed)
    {
        var random = new Random(seed);
        var sampler = new PatternSampler(random);
        var own = 0;
        for (var i = 0; i < Patterns.Count; i++)
        {
            if (Patterns[i].Type != PatternType.Regex)
                continue;
            var tree = RegexParser.Parse(Patterns[i].Value, Patterns[i].View == PatternView.Folded);
            for (var n = 0; n < samples; n++)
            {
                var sample = sampler.Sample(tree);
                if (Patterns[i].View == PatternView.Folded)
                    sample = Mutations.Apply(sample, random);
                var text = $"{Prose[random.Next(Prose.Length)]} {sample} {Prose[random.Next(Prose.Length)]}";
                // Marks between fields are not content: a pattern over key and value is not sampled as text.
                text = text.Replace('\x1f', ' ');
                var found = Found(text);
                var expected = Expected(text);
                Assert.True(found.SetEquals(expected), $"pattern {i} {Patterns[i].Value}\ntext: {text}\nmissing: {Names(expected.Except(found))}\nextra: {Names(found.Except(expected))}");
                own += found.Contains(i) ? 1 : 0;
            }
        }
        // Most samples must match the pattern they came from, or the comparison is of nothing.
        Assert.True(own > Patterns.Count * samples / 2, $"only {own} samples match their own pattern");
    }

    private static string Names(IEnumerable<int> patterns) => string.Join("\n  ", patterns.Select(i => $"{i} {Patterns[i].Value}"));

    private static HashSet<int> Found(string text) =>
        [.. Scanner.ScanText(Encoding.UTF8.GetBytes(text), Place.Result, ScanHints.None).Findings.Where(finding => finding.Via.Length == 0).Select(finding => int.Parse(finding.RuleId[1..]))];

    private static HashSet<int> Expected(string text)
    {
        var folded = Fold(text);
        return [.. Enumerable.Range(0, Patterns.Count).Where(i => Plain.Value[i].Match(Patterns[i].View == PatternView.Folded ? folded : text) is { Success: true, Length: > 0 })];
    }

    private static string Fold(string text)
    {
        var source = Encoding.UTF8.GetBytes(text);
        var target = new byte[source.Length + 64];
        return Encoding.UTF8.GetString(target, 0, UnicodeFold.Fold(source, 0, source.Length, target));
    }
}
