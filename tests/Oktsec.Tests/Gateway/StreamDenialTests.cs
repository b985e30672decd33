using System.Net;

namespace Oktsec.Tests.Gateway;

/// <summary>GET and DELETE carry no message: a denial is an HTTP status, with what helps, and a record.</summary>
public sealed class StreamDenialTests
{
    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task Stream_OverTheRateLimit_Is429WithRetryAfter(string method)
    {
        await using var gateway = await TestGateway.StartAsync("mcp_servers:\n" + TestGateway.Backend("one") + "\nrate_limit: { per_agent: 1, window: 60 }");
        using var agent = await gateway.ConnectAsync(); // the one request it has

        using var answer = await SendAsync(gateway, agent, method);

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Contains("rate_limited, retry in", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("rate_limited", Core.Audit.AuditStatus.Rejected), (gateway.Records(method)[0].Entry.Decision, gateway.Records(method)[0].Entry.Status));
        Assert.Equal(1, gateway.Host.Parts.Sessions.Count); // the session is still there
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task Stream_OfASuspendedAgent_Is403(string method)
    {
        await using var gateway = await TestGateway.StartAsync("agents: { tester: { suspended: true } }");
        using var agent = gateway.Agent();

        using var answer = await SendAsync(gateway, agent, method);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("agent_suspended", gateway.Records(method)[0].Entry.Decision);
    }

    private static async Task<HttpResponseMessage> SendAsync(TestGateway gateway, TestAgent agent, string method)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), gateway.Url);
        request.Headers.Add("Accept", "text/event-stream");
        request.Headers.Add("X-Oktsec-Agent", "tester");
        request.Headers.Add("Mcp-Session-Id", agent.Session ?? "none");
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }
}
