using System.Text.RegularExpressions;
using Oktsec.Scanning.Definitions;
using Oktsec.Scanning.Parsers;
using Oktsec.Scanning.Rules;
using Oktsec.Scanning.Validators;

namespace Oktsec.Scanning.Tests.Rules;

/// <summary>docs/rule-format.md names everything a rule may say, and nothing else.</summary>
public sealed partial class RuleFormatDocsTests
{
    private static readonly string Page = File.ReadAllText(RepositoryFile.Path("docs/rule-format.md"));

    public static TheoryData<string, string[]> Lists => new()
    {
        { "keys", RuleNames.Keys },
        { "ignored keys", RuleNames.IgnoredKeys },
        { "severities", RuleNames.Severities },
        { "places", RuleNames.Places },
        { "actions", RuleNames.Actions },
        { "statuses", RuleNames.Statuses },
        { "fields", RuleNames.Fields },
        { "tool classes", RuleNames.ToolClassNames },
        { "categories", [.. Categories.All] },
        { "references", [.. RuleWords.Frameworks.Select(framework => framework.Key)] },
        { "pattern keys", RuleNames.PatternKeys },
        { "types", RuleNames.Types },
        { "views", RuleNames.Views },
        { "facts", [.. Enum.GetNames<FactKey>().Select(name => name.ToLowerInvariant())] },
        { "validators", [.. Validator.Names] },
        { "detectors", [.. Detector.Names] },
        { "definition checks", [.. DefinitionCheck.Names] },
        { "example keys", RuleNames.ExampleKeys },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public void Page_List_NamesWhatTheCodeKnows(string list, string[] names)
    {
        var start = Page.IndexOf($"<!-- names: {list} -->", StringComparison.Ordinal);
        var end = Page.IndexOf("<!-- /names -->", start, StringComparison.Ordinal);
        Assert.True(start >= 0 && end > start, $"docs/rule-format.md has no list '{list}'");
        var rows = Row().Matches(Page[start..end]).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(names.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Reader_EveryDocumentedKey_IsKnownToTheStrictReader()
    {
        const string Rule = "id: X-001\nname: x\nseverity: low\ncategory: custom\npatterns: [{value: frobnicate}]\n";
        foreach (var key in RuleNames.Keys.Concat(RuleNames.IgnoredKeys).Except(["id", "name", "severity", "category", "patterns"]))
            Assert.DoesNotContain(Problems($"{Rule}{key}:\n"), problem => problem.Message.Contains("unknown key", StringComparison.Ordinal));
        foreach (var key in RuleNames.PatternKeys.Except(["value", "type"]))
            Assert.DoesNotContain(Problems(Rule.Replace("{value", $"{{{key}: a, value", StringComparison.Ordinal)), problem => problem.Message.Contains("unknown key", StringComparison.Ordinal));
        foreach (var key in RuleNames.ExampleKeys.Except(["text"]))
            Assert.DoesNotContain(Problems($"{Rule}examples: {{true_positive: [{{text: a, {key}: result}}]}}\n"), problem => problem.Message.Contains("unknown key", StringComparison.Ordinal));
        Assert.Contains(Problems($"{Rule}frobnicate: 1\n"), problem => problem is { IsError: true, Line: 6 } && problem.Message.Contains("unknown key 'frobnicate'", StringComparison.Ordinal));
    }

    [Fact]
    public void Page_Example_LoadsAndHolds()
    {
        var start = Page.IndexOf("```yaml\n", StringComparison.Ordinal) + 8;
        var yaml = Page[start..Page.IndexOf("```", start, StringComparison.Ordinal)];
        var reader = new RuleReader("docs/rule-format.md", isCustom: false);
        var rule = Assert.Single(reader.Read(yaml));
        Assert.Empty(reader.Problems);
        var scanner = new ContentScanner(RuleSet.Create([rule], out var problems));
        Assert.Empty(problems);
        Assert.Single(RuleExamples.Scan(scanner, rule, rule.TruePositives[0]).Findings);
        Assert.Empty(RuleExamples.Scan(scanner, rule, rule.FalsePositives[0]).Findings);
    }

    private static IReadOnlyList<RuleProblem> Problems(string yaml)
    {
        var reader = new RuleReader("x.yaml", isCustom: false);
        reader.Read(yaml);
        return reader.Problems;
    }

    [GeneratedRegex(@"^\| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
