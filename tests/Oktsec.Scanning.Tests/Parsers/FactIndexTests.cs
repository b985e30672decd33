using System.Text;
using Oktsec.Scanning.Parsers;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Tests.Parsers;

/// <summary>The index leaves out no rule that holds: compared with asking every rule of the pack about every item of its examples.</summary>
public sealed class FactIndexTests
{
    private static readonly (PatternType Type, FactLanguage Language)[] Languages =
    [
        (PatternType.Shell, FactLanguage.Shell), (PatternType.Sql, FactLanguage.Sql), (PatternType.Path, FactLanguage.Path), (PatternType.Url, FactLanguage.Url), (PatternType.Injection, FactLanguage.Injection),
    ];

    private static readonly List<byte[]> Texts =
        [.. RuleSet.BuiltIn().All.SelectMany(rule => rule.TruePositives.Concat(rule.FalsePositives)).Select(example => Encoding.UTF8.GetBytes(example.Text))];

    [Fact]
    public void Find_ItemsOfAllExamples_HasEveryRuleThatHolds()
    {
        foreach (var (type, language) in Languages)
        {
            var predicates = RuleSet.BuiltIn().All.SelectMany(rule => rule.Patterns).Where(pattern => pattern.Type == type).Select(pattern => FactPredicate.Parse(pattern.Value));
            var comparison = new Comparison([.. predicates.Select((predicate, i) => new FactRule(i, language, predicate))]);
            foreach (var text in Texts)
                Recorder.Run(language, text, comparison);
            Assert.True(comparison.Held > 20, $"{language}: {comparison.Held} facts that hold are too few to compare");
            // The language of most rules is the one whose floods are dear.
            if (language == FactLanguage.Shell)
                Assert.True(comparison.Asked < comparison.Items * comparison.Rules / 2, $"{comparison.Asked} questions about {comparison.Items} items");
        }
    }

    [Fact]
    public void Find_ValueInAnotherCaseOrShorterThanTheRows_IsFound()
    {
        Assert.True(Finds("cmd:dd flag:r", FactLanguage.Shell, "DD -r"));
        Assert.True(Finds("cmd:w", FactLanguage.Shell, "w"));
        Assert.True(Finds("cmd:*sh", FactLanguage.Shell, "sh"));
        Assert.True(Finds("path:/a*", FactLanguage.Path, "/a"));
        Assert.True(Finds("path:/ETC/shadow", FactLanguage.Path, "/etc/shadow"));
    }

    private static bool Finds(string predicate, FactLanguage language, string text)
    {
        var comparison = new Comparison([new FactRule(0, language, FactPredicate.Parse(predicate))]);
        Recorder.Run(language, Encoding.UTF8.GetBytes(text), comparison);
        return comparison.Held > 0;
    }

    private sealed class Comparison(FactRule[] rules) : IFactSink
    {
        private readonly FactIndex index = new(rules);

        public int Rules => rules.Length;

        public long Items { get; private set; }

        public long Asked { get; private set; }

        public int Held { get; private set; }

        public void Item(FactLanguage language, FactList facts, int start, int end)
        {
            var found = new ulong[index.Words];
            index.Find(facts, found);
            Items++;
            for (var i = 0; i < rules.Length; i++)
            {
                var isFound = (found[i >> 6] >> (i & 63) & 1) != 0;
                var holds = rules[i].Predicate.Holds(facts);
                Assert.True(isFound || !holds, $"rule {i} holds and was not found");
                Asked += isFound ? 1 : 0;
                Held += holds ? 1 : 0;
            }
        }
    }
}
