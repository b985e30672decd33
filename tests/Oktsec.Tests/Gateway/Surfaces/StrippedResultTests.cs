using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Gateway.Surfaces;

/// <summary>What a person does not see is taken out of results; what is seen stays byte for byte.</summary>
public sealed class StrippedResultTests
{
    [Theory]
    [InlineData(@"all \u001b[8mhidden\u001b[0m done", "all hidden done")]
    [InlineData(@"see \u001b]8;;https://collect.example\u0007the manual\u001b]8;;\u0007.", "see the manual.")]
    [InlineData(@"half \u009b2K done \u001b(0lqk\u001b(B", "half  done lqk")]
    [InlineData("pass\u200b\u2060word and \\u200bmore", "password and more")]
    [InlineData("if (ok\u202e \u2066// x\u2069) \U000E0072\U000E0065\U000E0061\U000E0064", "if (ok // x) ")]
    public async Task Result_InvisibleCharacters_AreTakenOut(string raw, string seen)
    {
        await using var gateway = await StartAsync([Tool("row", $$"""  "x-result":{"content":[{"type":"text","text":"{{raw}}"}], "n":1.0e0} """)]);
        using var agent = await gateway.ConnectAsync();
        var answer = await agent.CallAsync("row");
        Assert.Equal(seen, answer.Text);
        Assert.EndsWith(""" "n":1.0e0}}""", answer.Body);
        var outcome = gateway.Records("tools/call").Single().Outcome!;
        Assert.Equal("content_redacted", outcome.Decision);
        Assert.All(outcome.Findings, finding => Assert.StartsWith("UN-", finding.RuleId));
    }

    [Theory]
    [InlineData(@"tabs\tand\r\nlines")]
    [InlineData(@"N\bNA\bA \u0000\u0007\u001aIHDR\u0001")]
    [InlineData("\U0001F468\u200D\U0001F469 \u2764\uFE0F caf\u0065\u0301")]
    [InlineData(@"printf '\\033[31mred\\x1b[0m' \\u200b")]
    [InlineData("https://x.example/?q=a%E2%80%8Bb%1B%5B2K")]
    [InlineData("encoded: bG9nIGxpbmUgG1szMW1yZWQbWzBtIGFuZCBzb21lIG1vcmUgdGV4dCBvZiB0aGUgbG9n")]
    public async Task Result_WithNothingHidden_StaysAsItIs(string raw)
    {
        await using var gateway = await StartAsync([Tool("row", $$"""  "x-result":{"content":[{"type":"text","text":"{{raw}}"}]} """)]);
        using var agent = await gateway.ConnectAsync();
        var answer = await agent.CallAsync("row");
        Assert.EndsWith($$"""[{"type":"text","text":"{{raw}}"}]}""" + "}", answer.Body);
        Assert.Equal("allow", gateway.Records("tools/call").Single().Outcome!.Decision);
    }
}
