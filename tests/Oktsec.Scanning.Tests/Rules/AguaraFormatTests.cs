using System.Text;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Tests.Rules;

/// <summary>Rule files that users have from elsewhere load as they are and mean what they meant.</summary>
public sealed class AguaraFormatTests
{
    // Every field of that format, written by us.
    private const string File = """
        # Rules of a team
        id: TEAM_001
        name: "Deploy hook with a token"
        description: |
          A deploy hook's address with its token.
          Whoever has it can deploy.
        severity: CRITICAL
        category: credential-leak
        targets: []
        match_mode: any
        sensitive: true
        patterns:
          - type: regex
            value: "https://deploy\\.team\\.example/hook/[A-Za-z0-9]{12}"
          - type: contains
            value: "X-Deploy-Token:"
        exclude_patterns:
          - type: contains
            value: "hook/EXAMPLE"
        remediation: >
          Rotate the hook
          in the console.
        examples:
          true_positive:
            - "curl https://deploy.team.example/hook/aB3dE5fG7hJ9"
            - "x-deploy-token: 1"
          false_positive:
            - "https://deploy.team.example/docs"
        ---
        id: TEAM_002
        name: Both words
        description: Two things that are bad together.
        severity: medium
        category: prompt-injection
        match_mode: all
        patterns:
          - type: regex
            value: '(?i)\bfrobnicate\b'
          - type: contains
            value: the database
        ---
        id: TEAM_003
        name: Python only
        description: For source files.
        severity: High
        category: command-execution
        targets: ["*.py", "!test_*.py"]
        patterns:
          - type: regex
            value: os\.system\(
        ---
        id: TEAM_004
        name: Case counts
        description: As the public scanner reads it.
        severity: INFO
        category: exfiltration
        targets: ["*.md", "*.txt"]
        patterns:
          - {type: regex, value: "SEND IT NOW"}
        source: llm
        generated_by: some-model
        generated_from: incident-7
        confidence: 0.8
        status: draft
        reviewer: nobody yet
        """;

    private static readonly (IReadOnlyList<Rule> Rules, IReadOnlyList<RuleProblem> Problems) Read = Load(File);

    [Fact]
    public void Read_EveryField_LoadsUnchanged()
    {
        Assert.DoesNotContain(Read.Problems, problem => problem.IsError);
        Assert.Equal(["TEAM_001", "TEAM_002", "TEAM_003", "TEAM_004"], Read.Rules.Select(rule => rule.Id));
        var rule = Read.Rules[0];
        Assert.Equal(("Deploy hook with a token", "A deploy hook's address with its token.\nWhoever has it can deploy."), (rule.Name, rule.Description.TrimEnd()));
        Assert.Equal((Severity.Critical, "credentials", true), (rule.Severity, rule.Category, rule.IsSensitive));
        Assert.Equal("Rotate the hook in the console.", rule.Remediation.TrimEnd());
        Assert.Equal((2, 1, 2, 1), (rule.Patterns.Count, rule.Excludes.Count, rule.TruePositives.Count, rule.FalsePositives.Count));
        Assert.Equal((Severity.Medium, Severity.High, Severity.Low), (Read.Rules[1].Severity, Read.Rules[2].Severity, Read.Rules[3].Severity));
    }

    [Fact]
    public void Read_WhatMeansNothingOnTraffic_IsAWarningThatSaysSo()
    {
        Assert.Contains(Read.Problems, problem => problem is { RuleId: "TEAM_003", IsError: false } && problem.Message.Contains("does not run on traffic", StringComparison.Ordinal));
        Assert.Empty(Read.Rules[2].Where);
        var unknown = Assert.Single(Read.Problems, problem => problem.RuleId == "TEAM_004");
        Assert.Contains("unknown key 'reviewer'", unknown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("curl https://deploy.team.example/hook/aB3dE5fG7hJ9", "TEAM_001")]
    [InlineData("x-DEPLOY-token: 1", "TEAM_001")]
    [InlineData("https://deploy.team.example/docs", "")]
    [InlineData("we Frobnicate it\nand THE DATABASE too", "TEAM_002")]
    [InlineData("we frobnicate it", "")]
    [InlineData("SEND IT NOW", "TEAM_004")]
    [InlineData("send it now", "")]
    public void Scan_Text_FindsWhatThePublicScannerFinds(string text, string found)
    {
        var scanner = new ContentScanner(RuleSet.Create(Read.Rules, out _));
        foreach (var place in (Place[])[Place.Arguments, Place.Definition, Place.Result])
            Assert.Equal(found, string.Join(",", scanner.ScanText(Encoding.UTF8.GetBytes(text), place, ScanHints.None).Findings.Select(finding => finding.RuleId).Distinct()));
    }

    [Fact]
    public void With_UsersRules_AddToThePackAndReplaceOnlyAloud()
    {
        var pack = RuleSet.BuiltIn();
        var merged = pack.With(Read.Rules, out var problems);
        Assert.Empty(problems);
        Assert.Equal(pack.All.Count + 3, merged.All.Count); // TEAM_003 is for files
        Assert.All(pack.All, rule => Assert.Same(rule, merged.Find(rule.Id)));

        var (own, _) = Load(File.Replace("TEAM_001", "PI-001", StringComparison.Ordinal));
        var replaced = pack.With(own, out problems);
        Assert.Equal("Deploy hook with a token", replaced.Find("PI-001")!.Name);
        Assert.Equal(pack.All.Count + 2, replaced.All.Count);
        var warning = Assert.Single(problems);
        Assert.False(warning.IsError);
        Assert.Equal(("team.yaml", "PI-001"), (warning.File, warning.RuleId));
        Assert.Contains("replaces the rule of the same id from rules/", warning.Message, StringComparison.Ordinal);
    }

    private static (IReadOnlyList<Rule> Rules, IReadOnlyList<RuleProblem> Problems) Load(string yaml)
    {
        var reader = new RuleReader("team.yaml", isCustom: true);
        return (reader.Read(yaml), reader.Problems);
    }
}
