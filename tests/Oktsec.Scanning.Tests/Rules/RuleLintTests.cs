using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Tests.Rules;

/// <summary>Each refusal with a rule that has only this fault, and the built-in pack without any.</summary>
public sealed class RuleLintTests
{
    private const string Good = """
        id: XX-001
        name: frobnicator_order
        description: Orders a frobnication.
        severity: medium
        category: prompt-injection
        where: [result]
        patterns:
          - {id: order, value: 'frobnicate the (?:server|backup) now'}
        remediation: Ask who wrote it.
        references: {cwe: ["1427"]}
        examples:
          true_positive:
            - "Please frobnicate the server now."
            - "He said: frobnicate the backup now, quickly"
            - "Dear all, FROBNICATE THE SERVER NOW or else"
          false_positive:
            - "We frobnicate the server every night at two."
            - "Never ask anybody to frobnicate it"
            - "The server is up now; no need for anything."
        """;

    public static TheoryData<string, string, string> Faults => new()
    {
        { "description: Orders a frobnication.\n", "", "no 'description'" },
        { "remediation: Ask who wrote it.\n", "", "no 'remediation'" },
        { "references: {cwe: [\"1427\"]}\n", "", "no 'references'" },
        { "    - \"Please frobnicate the server now.\"\n", "", "2 of at least 3 'examples.true_positive'" },
        { "    - \"Never ask anybody to frobnicate it\"\n", "", "2 of at least 3 'examples.false_positive'" },
        { "Please frobnicate the server now.", "Please defrost the server now.", "does not find its own example 'Please defrost" },
        { "We frobnicate the server every night at two.", "We frobnicate the server now and then.", "in its near miss 'We frobnicate" },
        { "He said: frobnicate the backup now, quickly", "please, frobnicate the server now.", "differ by less than 2 words" },
        { "Never ask anybody to frobnicate it", "we frobnicate the server every night at TEN.", "differ by less than 2 words" },
    };

    public static TheoryData<string, string> UnusablePatterns => new()
    {
        { @"'[a-z0-9]{32}'", "has no anchor" },
        { @"'(?:frobnicate)?\s+\d{4}'", "has no anchor" },
        { @"'frobnicate|[0-9]{9}'", "alternative 2 of 2 has no anchor" },
        { @"'ab'", "has no anchor" },
        { @"'\bthe\b'", "'the' as its anchor" },
        { @"'data\s\w{1,9}'", "'data' as its anchor" },
        { @"'frobnicate(?:\w{1,50}\s){1,50}'", "superlinear: its counts multiply to 2500 copies" },
        { @"'frobnicate\p{L}{900}'", "superlinear: larger than" },
    };

    [Fact]
    public void BuiltInPack_Lints_Clean()
    {
        var problems = RuleLint.Check(RuleSet.BuiltIn());
        Assert.True(problems.Count == 0, $"{problems.Count} problems:\n{string.Join('\n', problems)}");
    }

    [Fact]
    public void Check_GoodRule_HasNothingToSay() => Assert.Empty(Lint(Good));

    [Theory]
    [MemberData(nameof(Faults))]
    public void Check_OneFault_RefusesOursAndWarnsUsers(string from, string to, string message)
    {
        var yaml = Good.ReplaceLineEndings("\n").Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Good.ReplaceLineEndings("\n"), yaml);

        var ours = Assert.Single(Lint(yaml));
        Assert.Contains(message, ours.Message, StringComparison.Ordinal);
        Assert.Equal(("rules.yaml", 1, "XX-001", true), (ours.File, ours.Line, ours.RuleId, ours.IsError));

        var users = Assert.Single(Lint(yaml.Replace("value: 'f", "view: folded, value: 'f", StringComparison.Ordinal), isCustom: true));
        Assert.Equal((ours.Message, false), (users.Message, users.IsError));
    }

    [Theory]
    [MemberData(nameof(UnusablePatterns))]
    public void Check_UnusablePattern_IsRefusedForUsersToo(string value, string message)
    {
        foreach (var isCustom in (bool[])[false, true])
        {
            var yaml = $"{{id: XX-002, name: x, severity: low, category: custom, patterns: [{{value: {value}}}]}}";
            Assert.Contains(Lint(yaml, isCustom), problem => problem.IsError && problem.Message.StartsWith("pattern 1 of 1", StringComparison.Ordinal) && problem.Message.Contains(message, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("shell", "cmd:* arg:*", true)]
    [InlineData("shell", "cmd:rm arg:*", false)]
    [InlineData("url", "host:*", true)]
    [InlineData("sql", "verb:drop object:table", false)]
    public void Check_Predicate_NeedsOneTermThatSaysSomething(string type, string value, bool isRefused)
    {
        var problems = Lint($"{{id: XX-003, name: x, severity: low, category: custom, where: [args], patterns: [{{type: {type}, value: '{value}'}}]}}");
        Assert.Equal(isRefused, problems.Any(problem => problem.Message.Contains("takes any value", StringComparison.Ordinal)));
    }

    [Fact]
    public void Check_RuleWhoseExamplesAnotherFindsToo_AddsNothing()
    {
        var wider = Good.Replace("XX-001", "XX-002", StringComparison.Ordinal).Replace("the (?:server|backup) now", "the", StringComparison.Ordinal);
        var problem = Assert.Single(Lint($"{Good}\n---\n{wider}"), p => p.RuleId == "XX-001");
        Assert.Contains("adds nothing: each of its true positives is also found by XX-002", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_AliasThatNamesAnotherRule_IsRefused()
    {
        var other = Good.Replace("XX-001", "XX-002", StringComparison.Ordinal).Replace("frobnicate", "defrost", StringComparison.Ordinal).Replace("name: frobnicator", "aliases: [xx-001]\nname: frobnicator", StringComparison.Ordinal)
            .Replace("FROBNICATE", "defrost", StringComparison.Ordinal);
        Assert.Contains("its alias xx-001 already names XX-001", Assert.Single(Lint($"{Good}\n---\n{other}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_UsersPatternTooLarge_IsRefusedWhenLoadedAndNotInAScan()
    {
        var rules = new RuleReader("mine.yaml", isCustom: true).Read(@"{id: XX-004, name: x, severity: high, category: custom, patterns: [{value: 'frobnicate\p{L}{900}'}]}");
        var set = RuleSet.Create(rules, out var problems);
        Assert.Contains("larger than", Assert.Single(problems, problem => problem.IsError).Message, StringComparison.Ordinal);
        Assert.Empty(set.All);
    }

    private static IReadOnlyList<RuleProblem> Lint(string yaml, bool isCustom = false)
    {
        var reader = new RuleReader("rules.yaml", isCustom);
        var rules = reader.Read(yaml);
        Assert.Empty(reader.Problems);
        return RuleLint.Check(rules, RuleSet.Create(rules, out _));
    }
}
