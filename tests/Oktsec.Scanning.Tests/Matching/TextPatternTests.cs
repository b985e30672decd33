using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Tests.Matching;

public sealed class TextPatternTests
{
    [Fact]
    public void Of_UnknownPattern_FindsItsAnchors()
    {
        var alternative = Assert.Single(TextPattern.Of(PatternType.Regex, "frobnicate \\w+", isFolded: true, () => RegexParser.Parse("frobnicate \\w+", folded: true)).Alternatives);
        Assert.NotEmpty(alternative.Grams);
    }

    [Fact]
    public void Of_TooLarge_Refuses() =>
        Assert.Throws<PatternException>(() => TextPattern.Of(PatternType.Regex, "frobnicate\\p{L}{900}", isFolded: true, () => RegexParser.Parse("frobnicate\\p{L}{900}", folded: true)));

    [Fact]
    public void With_OneRuleChanged_SharesAllOtherPatterns()
    {
        var before = RuleSet.BuiltIn().With([Custom("A", "frobnicate \\d+"), Custom("B", "(?i)defrost the (?:car|fridge)")], out _);
        var after = RuleSet.BuiltIn().With([Custom("A", "frobnicate \\w+"), Custom("B", "(?i)defrost the (?:car|fridge)")], out _);
        var (old, now) = (AlternativesOf(before), AlternativesOf(after));

        var changed = Assert.Single(now, alternative => !old.Contains(alternative));
        Assert.Equal(now.Count - 1, now.Count(old.Contains));
        Assert.NotEmpty(changed.Grams);
        Assert.Equal(["A"], Found(after, "please frobnicate xx"));
        Assert.Empty(Found(before, "please frobnicate xx"));
        Assert.Equal(["B"], Found(after, "Defrost the fridge"));
    }

    [Fact]
    public void With_SamePatternRawAndFolded_AreTwo()
    {
        var set = RuleSet.Create([Custom("R", "Frobnicate now"), Custom("F", "Frobnicate now") with { Patterns = [new("", PatternType.Regex, "Frobnicate now", PatternView.Folded)] }], out _);
        Assert.Equal(["F"], Found(set, "FROBNICATE  now"));
        Assert.Equal(["F", "R"], Found(set, "Frobnicate now"));
    }

    [Theory]
    [InlineData(PatternView.Folded, "frobnicate [^p]ub")]
    [InlineData(PatternView.Raw, "(?i)frobnicate [^p]ub")]
    public void NegatedClass_ExcludesBothCases(PatternView view, string pattern)
    {
        var set = RuleSet.Create([Custom("N", pattern) with { Patterns = [new("", PatternType.Regex, pattern, view)] }], out _);
        Assert.Empty(Found(set, "frobnicate pub"));
        Assert.Empty(Found(set, "Frobnicate PUB"));
        Assert.Equal(["N"], Found(set, "frobnicate tub"));
    }

    private static HashSet<Alternative> AlternativesOf(RuleSet rules) => [.. rules.Branches.Select(branch => branch.Alternative)];

    private static List<string> Found(RuleSet rules, string text) =>
        [.. new ContentScanner(rules).ScanText(System.Text.Encoding.UTF8.GetBytes(text), Place.Result, ScanHints.None).Findings.Select(finding => finding.RuleId).Order()];

    private static Rule Custom(string id, string pattern) => new()
    {
        Id = id,
        Name = "custom",
        Category = "custom",
        Severity = Severity.High,
        IsCustom = true,
        Patterns = [new RulePattern("", PatternType.Regex, pattern, PatternView.Raw)],
    };
}
