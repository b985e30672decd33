using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Tests.Rules;

public sealed class RulePackTests
{
    private const string File = "src/Oktsec.Scanning/Rules/rules.bin";

    /// <summary>Stale, it would not be used, and the rules slow to get ready. <c>OKTSEC_WRITE_DOCS=1</c> writes it anew.</summary>
    [Fact]
    public void RulePack_RuleFiles_SayTheSame()
    {
        var expected = Written(RuleSet.ReadEmbedded(), RulePack.Stamp());
        var path = RepositoryFile.Path(File);
        if (Environment.GetEnvironmentVariable("OKTSEC_WRITE_DOCS") == "1")
            System.IO.File.WriteAllBytes(path, expected);
        Assert.True(System.IO.File.ReadAllBytes(path).AsSpan().SequenceEqual(expected), $"{File} is not what the rules say: run this test once with OKTSEC_WRITE_DOCS=1");
    }

    [Fact]
    public void Read_WhatWasWritten_IsTheSameRules()
    {
        var rules = RuleSet.ReadEmbedded();
        var read = RulePack.Read(Written(rules, 7), 7)!.Value;
        Assert.Equal(rules.Count, read.Rules.Count);
        Assert.True(Written(read.Rules, 7).AsSpan().SequenceEqual(Written(rules, 7)));
        foreach (var (one, other) in rules.Zip(read.Rules))
        {
            Assert.Equal(one.TruePositives.Select(Said), other.TruePositives.Select(Said));
            Assert.Equal(one.FalsePositives.Select(Said), other.FalsePositives.Select(Said));
            Assert.Equal((one.Source, one.Description, one.Remediation), (other.Source, other.Description, other.Remediation));
            Assert.Equal(one.References, other.References);
            Assert.Equal(one.Patterns.Select(Facts), other.Patterns.Select(Facts));
        }

        static (string, bool, string, Place?, string) Said(RuleExample example) => (example.Text, example.IsJson, example.Tool, example.Place, string.Join(',', example.OtherTools));
        static (string, PatternType, string, PatternView, string) Facts(RulePattern pattern) => (pattern.Id, pattern.Type, pattern.Value, pattern.View, string.Join(',', pattern.Validators));
    }

    [Fact]
    public void Read_OtherFilesThanItWasWrittenFrom_IsNotUsed() => Assert.Null(RulePack.Read(Written(RuleSet.ReadEmbedded()[..3], 7), 8));

    [Fact]
    public void Read_Anchors_AreThoseOfThePatterns()
    {
        var (rules, anchors) = RulePack.Read()!.Value;
        var seen = 0;
        foreach (var pattern in rules.SelectMany(rule => rule.Patterns.Concat(rule.Excludes)))
        {
            if (pattern.Type is not (PatternType.Regex or PatternType.Contains or PatternType.Word))
                continue;
            Assert.Equal(Anchors.Of(RuleCompiler.Tree(pattern)).Select(Told), anchors.Of(pattern)!.Select(Told));
            seen++;
        }
        Assert.InRange(seen, 500, 10_000);

        static string Told(Anchor anchor) =>
            $"{string.Join('.', anchor.Path)} {anchor.Item} {anchor.Cost:R} {anchor.IsAtStart} {string.Join(',', anchor.Grams)} {anchor.Companion?.From} {anchor.Companion?.To} {anchor.Companion?.Before} {anchor.Companion?.After} {anchor.Companion?.Expected:R} {anchor.MaxLength} {anchor.MaxLengthBefore} {anchor.HasSecret}";
    }

    private static byte[] Written(IReadOnlyList<Rule> rules, ulong stamp)
    {
        using var target = new MemoryStream();
        RulePack.Write(target, rules, stamp);
        return target.ToArray();
    }
}
