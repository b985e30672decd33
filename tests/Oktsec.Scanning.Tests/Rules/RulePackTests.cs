using System.IO.Compression;
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
        Assert.True(Unpacked(System.IO.File.ReadAllBytes(path)).AsSpan().SequenceEqual(Unpacked(expected)), $"{File} is not what the rules say: run this test once with OKTSEC_WRITE_DOCS=1");
    }

    [Fact]
    public void Read_WhatWasWritten_IsTheSameRules()
    {
        var rules = RuleSet.ReadEmbedded();
        var read = RulePack.Read(new MemoryStream(Written(rules, 7)), 7)!.Value;
        Assert.Equal(rules.Count, read.Rules.Count);
        Assert.True(Unpacked(Written(read.Rules, 7)).AsSpan().SequenceEqual(Unpacked(Written(rules, 7))));
        foreach (var (one, other) in rules.Zip(read.Rules))
        {
            Assert.Equal(one.TruePositives.Select(Said), other.TruePositives.Select(Said));
            Assert.Equal(one.FalsePositives.Select(Said), other.FalsePositives.Select(Said));
            Assert.Equal(one.Source, other.Source);
            Assert.Equal(one.Patterns.Select(Facts), other.Patterns.Select(Facts));
        }

        static (string, bool, string, Place?, string) Said(RuleExample example) => (example.Text, example.IsJson, example.Tool, example.Place, string.Join(',', example.OtherTools));
        static (string, PatternType, string, PatternView, string) Facts(RulePattern pattern) => (pattern.Id, pattern.Type, pattern.Value, pattern.View, string.Join(',', pattern.Validators));
    }

    [Fact]
    public void Read_OtherFilesThanItWasWrittenFrom_IsNotUsed() => Assert.Null(RulePack.Read(new MemoryStream(Written(RuleSet.ReadEmbedded()[..3], 7)), 8));

    [Fact]
    public void Read_Anchors_AreThoseOfThePatterns()
    {
        var anchors = RulePack.Read()!.Value.Anchors;
        var seen = 0;
        foreach (var pattern in RuleSet.ReadEmbedded().SelectMany(rule => rule.Patterns.Concat(rule.Excludes)))
        {
            if (pattern.Type is not (PatternType.Regex or PatternType.Contains or PatternType.Word))
                continue;
            var found = anchors[TextPattern.Key(RuleCompiler.Written(pattern), pattern.View == PatternView.Folded)];
            Assert.Equal(Anchors.Of(RuleCompiler.Tree(pattern)).Select(Told), found.Select(Told));
            seen++;
        }
        Assert.InRange(seen, 500, 10_000);

        static string Told(Anchor anchor) =>
            $"{string.Join('.', anchor.Path)} {anchor.Item} {anchor.Cost:R} {anchor.IsAtStart} {string.Join(',', anchor.Grams)} {anchor.Companion?.From} {anchor.Companion?.To} {anchor.Companion?.Before} {anchor.Companion?.After} {anchor.Companion?.Expected:R}";
    }

    private static byte[] Written(IReadOnlyList<Rule> rules, ulong stamp)
    {
        using var target = new MemoryStream();
        RulePack.Write(target, rules, stamp);
        return target.ToArray();
    }

    private static byte[] Unpacked(byte[] packed)
    {
        using var target = new MemoryStream();
        using var source = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress);
        source.CopyTo(target);
        return target.ToArray();
    }
}
