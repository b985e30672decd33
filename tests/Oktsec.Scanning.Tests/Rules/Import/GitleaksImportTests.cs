using System.Text;
using Oktsec.Scanning.Rules;
using Oktsec.Scanning.Rules.Import;

namespace Oktsec.Scanning.Tests.Rules.Import;

public sealed class GitleaksImportTests
{
    private const string Config = """
        title = "ours"

        [extend]
        useDefault = true

        [allowlist]
        paths = ['''vendor/''']
        regexes = ['''EXAMPLE''']

        [[rules]]
        id = "acme-api-key"
        description = "A key of Acme's API: it opens everything."
        regex = '''(?i)\bacme[_-]?key['"]?\s*[:=]\s*['"]?([a-z0-9]{32})\b'''
        entropy = 3.6
        keywords = ["acme_key", "acmekey"]

        [[rules.allowlists]]
        stopwords = ["sample", "test"]

        [[rules]]
        id = "acme-webhook"
        regex = '''(https)://hooks\.acme\.example/(?:v1|v2)/([A-Za-z0-9_-]{16,64})'''
        secretGroup = 2
        entropy = 2
        path = '''\.env$'''

        [[rules]]
        id = "look-behind"
        regex = '''(?<=key=)[a-z]+'''

        [[rules]]
        id = "only-path"
        path = '''id_rsa$'''

        [[rules]]
        id = "acme-api-key"
        regex = '''second'''
        """;

    [Fact]
    public void Convert_Rules_LoadAndFindTheSecretAlone()
    {
        var yaml = GitleaksImport.Convert(Config, "gitleaks.toml", out _);
        var reader = new RuleReader("imported.yaml", isCustom: true);
        var rules = reader.Read(yaml);
        Assert.Empty(reader.Problems);
        Assert.Equal(["acme-api-key", "acme-webhook"], rules.Select(rule => rule.Id));
        Assert.Equal("acme_api_key", rules[0].Name);
        Assert.Equal("A key of Acme's API: it opens everything.", rules[0].Description);
        Assert.Equal(["no-placeholder", "entropy-3.5"], rules[0].Validators);
        Assert.Equal(["no-placeholder"], rules[1].Validators);
        Assert.True(rules[0].IsSensitive);

        var scanner = new ContentScanner(RuleSet.Create(rules, out var problems));
        Assert.Empty(problems);
        AssertFound(scanner, "acme-api-key", "set acme_key = '", "q8w2e5r7t1y4u6i9o3p0a8s2d5f7g1h4", "' there");
        AssertFound(scanner, "acme-webhook", "https://hooks.acme.example/v1/", "Zx8Cv2Bn5Ml1Kj7Hg4", "");
        Assert.True(scanner.ScanText("acme_key = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"u8, Place.Result, ScanHints.None).IsClean);
    }

    [Fact]
    public void Convert_WhatCannotBeCarriedOver_IsReportedWithItsLine()
    {
        GitleaksImport.Convert(Config, "gitleaks.toml", out var problems);
        AssertReported(problems, 10, "acme-api-key", "its allowlist was left out (2 stopwords)", isError: false);
        AssertReported(problems, 20, "acme-webhook", "'path' was left out", isError: false);
        AssertReported(problems, 27, "look-behind", "lookaround", isError: true);
        AssertReported(problems, 31, "only-path", "looks only at file names", isError: true);
        AssertReported(problems, 35, "acme-api-key", "a second rule of this id", isError: true);
        AssertReported(problems, 6, "", "1 paths, 1 regexes", isError: false);
        AssertReported(problems, 3, "", "'extend' was left out", isError: false);
        Assert.Equal(7, problems.Count);
    }

    [Theory]
    [InlineData("x = ", "a value is missing")]
    [InlineData("title = 'no rules'", "holds no [[rules]]")]
    public void Convert_NoConfiguration_SaysSo(string toml, string message)
    {
        Assert.Equal("", GitleaksImport.Convert(toml, "x.toml", out var problems));
        Assert.Contains(message, Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Convert_HostileTexts_StayOneText()
    {
        var yaml = GitleaksImport.Convert("[[rules]]\nid = \"it's\\n---\\nid: x\"\ndescription = \"a\\u0000 'b' \\\"c\\\"\"\nregex = '''tok_[']{1}[a-z]{9}'''", "x.toml", out _);
        var rule = Assert.Single(new RuleReader("x.yaml", isCustom: true).Read(yaml));
        Assert.Equal("it's\n---\nid: x", rule.Id);
        Assert.Equal("a\0 'b' \"c\"", rule.Description);
        Assert.Equal("tok_[']{1}[a-z]{9}", rule.Patterns[0].Value);
    }

    private static void AssertFound(ContentScanner scanner, string id, string before, string secret, string after)
    {
        var finding = Assert.Single(scanner.ScanText(Encoding.UTF8.GetBytes(before + secret + after), Place.Result, ScanHints.None).Findings);
        Assert.Equal((id, before.Length, secret.Length), (finding.RuleId, finding.Start, finding.Length));
    }

    private static void AssertReported(IReadOnlyList<RuleProblem> problems, int line, string id, string message, bool isError) =>
        Assert.Contains(problems, problem => problem.Line == line && problem.RuleId == id && problem.IsError == isError && problem.Message.Contains(message, StringComparison.Ordinal));
}
