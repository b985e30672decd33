using System.Text;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Tests.Rules;

public sealed class AssignmentTests
{
    private const string Value = "a7d2b9c4e1f3a8d6";

    private static readonly ContentScanner Scanner = new(RuleSet.Create(
        [
            new Rule
            {
                Id = "X-001",
                Name = "x",
                Category = "custom",
                Severity = Severity.Low,
                IsSensitive = false,
                Patterns = [new RulePattern("", PatternType.Regex, Assignment.Pattern("acme", "[a-f0-9]{16}"), PatternView.Raw)],
            },
        ],
        out _));

    [Theory]
    [InlineData("ACME_API_KEY=" + Value)]
    [InlineData("export ACME_TOKEN='" + Value + "'")]
    [InlineData("acme: " + Value)]
    [InlineData("\"acme-key\": \"" + Value + "\",")]
    [InlineData("{\\\"acme\\\": \\\"" + Value + "\\\"}")]
    [InlineData("'acme_key' => '" + Value + "'")]
    [InlineData("acmeKey := \"" + Value + "\"")]
    [InlineData("run --acme-key " + Value + " now")]
    [InlineData("-H 'X-Acme-Key: " + Value + "'")]
    [InlineData("<acmeKey>" + Value + "</acmeKey>")]
    [InlineData("<add key=\"AcmeKey\" value=\"" + Value + "\"/>")]
    [InlineData("- name: ACME_KEY\n  value: \"" + Value + "\"")]
    [InlineData("setenv('ACME_KEY', '" + Value + "')")]
    [InlineData("env[\"ACME_KEY\"] = \"" + Value + "\"")]
    public void Assignment_HoweverWritten_IsFoundAsTheValueAlone(string text)
    {
        var finding = Assert.Single(Scanner.ScanText(Encoding.UTF8.GetBytes(text), Place.Arguments, ScanHints.None).Findings);
        Assert.Equal(Value, text.Substring(finding.Start, finding.Length));
    }

    [Fact]
    public void Assignment_KeyAndValueOfJson_IsFound() =>
        Assert.Single(Scanner.ScanJson(Encoding.UTF8.GetBytes($$"""{"acme_key":"{{Value}}"}"""), Place.Arguments, ScanHints.None).Findings);

    [Theory]
    [InlineData("pacmen=" + Value)]
    [InlineData("ACME_KEY=" + Value + "00")]
    [InlineData("ACME_KEY=" + Value + "-1")]
    [InlineData("acme is a company; " + Value)]
    public void Assignment_OtherNameOrLongerValue_IsNotFound(string text) =>
        Assert.Empty(Scanner.ScanText(Encoding.UTF8.GetBytes(text), Place.Arguments, ScanHints.None).Findings);
}
