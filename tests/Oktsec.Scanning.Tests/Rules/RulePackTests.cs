using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Tests.Rules;

public sealed class RulePackTests
{
    private const string File = "src/Oktsec.Scanning/Rules/rules.bin";

    private static readonly RuleSet FromFiles = RuleSet.Create(RuleSet.ReadEmbedded(), out _);

    /// <summary>Stale, it would not be used, and the rules slow to get ready. <c>OKTSEC_WRITE_DOCS=1</c> writes it anew.</summary>
    [Fact]
    public void RulePack_RuleFiles_SayTheSame()
    {
        var expected = RulePack.Write(FromFiles, RulePack.Stamp());
        var path = RepositoryFile.Path(File);
        if (Environment.GetEnvironmentVariable("OKTSEC_WRITE_DOCS") == "1")
            System.IO.File.WriteAllBytes(path, expected);
        Assert.True(System.IO.File.ReadAllBytes(path).AsSpan().SequenceEqual(expected), $"{File} is not what the rules say: run this test once with OKTSEC_WRITE_DOCS=1");
    }

    [Fact]
    public void BuiltIn_IsThePack() => Assert.NotNull(RulePack.Read());

    [Fact]
    public void Read_WhatWasWritten_IsTheSameRules()
    {
        var packed = Packed(RulePack.Write(FromFiles, 7), 7)!;
        Assert.Equal(FromFiles.All.Count, packed.All.Count);
        Assert.Equal(FromFiles.FirstPatterns, packed.FirstPatterns);
        foreach (var (one, other) in FromFiles.All.Zip(packed.All))
        {
            Assert.Equal(one.TruePositives.Select(Said), other.TruePositives.Select(Said));
            Assert.Equal(one.FalsePositives.Select(Said), other.FalsePositives.Select(Said));
            Assert.Equal((one.Id, one.Source, one.Description, one.Remediation), (other.Id, other.Source, other.Description, other.Remediation));
            Assert.Equal(one.References, other.References);
            Assert.Equal(one.Patterns.Select(Facts), other.Patterns.Select(Facts));
            Assert.Same(other, packed.Find(one.Aliases.Count > 0 ? one.Aliases[0] : one.Id));
        }

        static (string, bool, string, Place?, string) Said(RuleExample example) => (example.Text, example.IsJson, example.Tool, example.Place, string.Join(',', example.OtherTools));
        static (string, PatternType, string, PatternView, string) Facts(RulePattern pattern) => (pattern.Id, pattern.Type, pattern.Value, pattern.View, string.Join(',', pattern.Validators));
    }

    /// <summary>Written again by rules that were read, every table and every anchor is the same.</summary>
    [Fact]
    public void Read_WhatWasWritten_WritesTheSame()
    {
        var written = RulePack.Write(FromFiles, 7);
        Assert.True(RulePack.Write(Packed(written, 7)!, 7).AsSpan().SequenceEqual(written));
    }

    /// <summary>Whatever is asked for first, each item is the one that belongs there.</summary>
    [Fact]
    public void Items_InAnyOrder_AreTheirOwn()
    {
        var written = RulePack.Write(FromFiles, 7);
        foreach (var seed in new[] { 1, 2, 3 })
        {
            var packed = Packed(written, 7)!;
            var random = new Random(seed);
            for (var i = 0; i < 2_000; i++)
            {
                var (branch, pattern) = (random.Next(packed.Branches.Count), random.Next(packed.Patterns.Count));
                Assert.Equal((FromFiles.Branches[branch].Pattern, branch), (packed.Branches[branch].Pattern, packed.Branches[branch].Index));
                Assert.Equal(Told(FromFiles.Branches[branch].Alternative.Anchor), Told(packed.Branches[branch].Alternative.Anchor));
                Assert.Equal((FromFiles.Patterns[pattern].Rule.Rule.Id, FromFiles.Patterns[pattern].Rule.Index, FromFiles.Patterns[pattern].Number), (packed.Patterns[pattern].Rule.Rule.Id, packed.Patterns[pattern].Rule.Index, packed.Patterns[pattern].Number));
            }
        }
    }

    /// <summary>Threads that scan first see each other's rules whole, or not yet.</summary>
    [Fact]
    public void Items_ManyThreadsAtOnce_AreWhole()
    {
        var packed = Packed(RulePack.Write(FromFiles, 7), 7)!;
        Parallel.For(0, 4 * packed.Branches.Count, i =>
        {
            var branch = packed.Branches[i * 7919 % packed.Branches.Count];
            Assert.Equal(FromFiles.Branches[branch.Index].Pattern, branch.Pattern);
            Assert.True(branch.Pattern < 0 || packed.Patterns[branch.Pattern].Rule.Index == FromFiles.Patterns[branch.Pattern].Rule.Index);
        });
    }

    [Fact]
    public void Read_OtherFilesThanItWasWrittenFrom_IsNotUsed() => Assert.Null(Packed(RulePack.Write(FromFiles, 7), 8));

    [Fact]
    public void Read_AnotherFormat_IsNotUsed()
    {
        var written = RulePack.Write(FromFiles, 7);
        written[sizeof(ulong)]++;
        Assert.Null(Packed(written, 7));
        Assert.Null(Packed([], 7));
    }

    [Fact]
    public void With_UsersRules_ScansLikeTheFilesAndTheirs()
    {
        var reader = new RuleReader("mine.yaml", isCustom: true);
        var custom = reader.Read("""
            - id: MY-001
              name: mine
              category: custom
              severity: high
              patterns:
                - type: contains
                  value: purple elephant
            """);
        var packed = Packed(RulePack.Write(FromFiles, 7), 7)!.With(custom, out var problems);
        Assert.Empty(problems);
        Assert.Equal(FromFiles.All.Count + 1, packed.All.Count);
        var scanner = new ContentScanner(packed);
        Assert.Equal(["MY-001"], scanner.ScanText("a purple elephant"u8, Place.Result, new ScanHints()).Findings.Select(finding => finding.RuleId));
    }

    [Fact]
    public void Read_Anchors_AreThoseOfThePatterns()
    {
        var packed = RuleSet.BuiltIn();
        var seen = 0;
        foreach (var group in packed.Branches.Where(branch => branch.Pattern >= 0).GroupBy(branch => branch.Pattern))
        {
            var pattern = packed.Patterns[group.Key];
            Assert.Equal(Anchors.Of(RuleCompiler.Tree(pattern.Rule.Rule.Patterns[pattern.Number])).Select(Told), group.Select(branch => Told(branch.Alternative.Anchor)));
            seen++;
        }
        Assert.InRange(seen, 500, 10_000);
    }

    private static string Told(Anchor anchor) =>
        $"{string.Join('.', anchor.Path)} {anchor.Item} {anchor.Cost:R} {anchor.IsAtStart} {string.Join(',', anchor.Grams)} {anchor.Companion?.From} {anchor.Companion?.To} {anchor.Companion?.Before} {anchor.Companion?.After} {anchor.Companion?.Expected:R} {anchor.MaxLength} {anchor.MaxLengthBefore} {anchor.HasSecret}";

    private static RuleSet? Packed(byte[] written, ulong stamp)
    {
        // Where a pack stands it stays.
        var pinned = GC.AllocateUninitializedArray<byte>(written.Length, pinned: true);
        written.CopyTo(pinned, 0);
        if (RulePack.Read(pinned, stamp) is not { } pack)
            return null;
        Kept.Add(pinned);
        return RuleSet.Of(pack);
    }

    private static readonly System.Collections.Concurrent.ConcurrentBag<byte[]> Kept = [];
}
