using System.Net;

namespace Oktsec.Tests.Gateway;

/// <summary>Whoever ends a session while a request of it is under way still hears what became of that: never an empty answer.</summary>
public sealed class EndedSessionTests
{
    [Theory]
    [InlineData("")]
    [InlineData("    shared: true\n")]
    public async Task Call_UnderWay_IsOutcomeUnknown(string shared)
    {
        await using var gateway = await TestGateway.StartAsync("mcp_servers:\n" + TestGateway.Backend("one") + shared);
        using var agent = await gateway.ConnectAsync();
        var call = agent.CallAsync("hang");
        await TestGateway.UntilAsync(() => gateway.CallsReceived("one").Length == 1);

        Assert.Equal(HttpStatusCode.OK, await agent.DeleteAsync());

        var answer = await call;
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.True(answer.IsToolError, answer.Body);
        Assert.Equal("blocked by oktsec: outcome_unknown, the session was ended during the call; it may or may not have been carried out", answer.Text);
        var record = gateway.Records("tools/call").Single();
        Assert.Equal(("outcome_unknown", "the session was ended during the call; it may or may not have been carried out"), (record.Decision, record.Outcome?.Detail));
        Assert.Single(gateway.CallsReceived("one"));
    }

    // One backend passes its own list, of two the lists are joined; a name that is not known asks for the lists first.
    [Theory]
    [InlineData("tools/list", "{}", false)]
    [InlineData("tools/list", "{}", true)]
    [InlineData("tools/call", """{"name":"not_listed_yet"}""", true)]
    public async Task Reading_UnderWay_IsUnavailable(string method, string parameters, bool isOneOfTwo)
    {
        await using var gateway = await TestGateway.StartAsync(
            "mcp_servers:\n" + TestGateway.Backend("one", "--hang-lists", "__FOLDER__/oktsec.yaml") + (isOneOfTwo ? TestGateway.Backend("two") : ""));
        using var agent = await gateway.ConnectAsync();
        var list = agent.RequestAsync(method, parameters);
        await TestGateway.UntilAsync(() => gateway.Received("one").Any(l => l.Contains("tools/list", StringComparison.Ordinal)));

        Assert.Equal(HttpStatusCode.OK, await agent.DeleteAsync());

        var answer = await list;
        Assert.Contains("backend_unavailable", answer.Body, StringComparison.Ordinal);
        Assert.Equal("backend_unavailable", gateway.Records(method)[0].Decision);
        Assert.Empty(gateway.CallsReceived("one"));
    }
}
