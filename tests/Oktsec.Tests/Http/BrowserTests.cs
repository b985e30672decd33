namespace Oktsec.Tests.Http;

/// <summary>Pages in a browser: those of an allowed origin work, all others learn nothing.</summary>
public sealed class BrowserTests(FrontFixture front) : IClassFixture<FrontFixture>
{
    [Fact]
    public async Task Page_OfAnAllowedOrigin_MayAskSendAndRead()
    {
        var agent = await front.OpenAsync();
        var question = Preflight(agent, "http://app.example");
        var answer = await agent.SendAsync(question);

        Assert.Equal((204, "http://app.example", "Origin"), (answer.Status, answer.Header("Access-Control-Allow-Origin"), answer.Header("Vary")));
        Assert.Contains("POST", answer.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
        foreach (var header in (string[])["content-type", "mcp-session-id", "mcp-protocol-version", "x-oktsec-agent", "authorization"])
            Assert.Contains(header, answer.Header("Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("", answer.Header("Access-Control-Allow-Credentials"));

        var reply = await agent.SendAsync(agent.Post(FrontAgent.Echo(agent.Marker())).Adding("Origin", "http://app.example"));
        Assert.Equal((200, "http://app.example"), (reply.Status, reply.Header("Access-Control-Allow-Origin")));
        Assert.Equal("Mcp-Session-Id", reply.Header("Access-Control-Expose-Headers"), ignoreCase: true);
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    [InlineData("http://localhost:3000")]
    public async Task Page_OfAnotherOrigin_IsForbiddenAndMayReadNothing(string origin)
    {
        var agent = await front.OpenAsync();
        foreach (var request in (RawRequest[])[Preflight(agent, origin), agent.Get().Adding("Origin", origin), agent.Post(FrontAgent.Echo(agent.Marker())).Adding("Origin", origin)])
        {
            var reply = await agent.SendAsync(request);
            Assert.Equal(403, reply.Status);
            Assert.DoesNotContain(reply.Headers.Keys, header => header.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task Page_OfOurOwnAddress_MaySend()
    {
        var agent = await front.OpenAsync();
        var request = agent.Post(FrontAgent.Echo(agent.Marker()));
        var host = request.Headers.Single(header => header.Name == "Host").Value;
        Assert.Equal(200, (await agent.SendAsync(request.Adding("Origin", $"http://{host}"))).Status);
        // Another scheme, port or name is another origin, and a name that is not ours gains nothing by naming itself twice.
        foreach (var (name, origin) in ((string, string)[])[(host, $"https://{host}"), (host, "http://127.0.0.1:1"), ("evil.example", "http://evil.example")])
            Assert.Equal(403, (await agent.SendAsync(request.With("Host", name).Adding("Origin", origin))).Status);
    }

    [Fact]
    public async Task Page_WithAReboundName_IsForbidden()
    {
        // DNS rebinding: the page's own name resolves to us, so that its requests are same-origin and carry no Origin at all.
        var agent = await front.OpenAsync();
        foreach (var request in (RawRequest[])[Preflight(agent, "http://app.example"), agent.Get(), agent.Post(FrontAgent.Echo(agent.Marker()))])
            Assert.Equal(403, (await agent.SendAsync(request.With("Host", "rebound.example"))).Status);
    }

    [Fact]
    public async Task Options_WithoutAPage_IsNotAllowed()
    {
        var agent = await front.OpenAsync();
        Assert.Equal(405, (await agent.SendAsync(agent.Get() with { Method = "OPTIONS" })).Status);
    }

    private static RawRequest Preflight(FrontAgent agent, string origin) => (agent.Get() with { Method = "OPTIONS" })
        .Adding("Origin", origin).Adding("Access-Control-Request-Method", "POST").Adding("Access-Control-Request-Headers", "content-type,mcp-session-id");
}
