namespace Oktsec.Tests.Http;

/// <summary>Sessions: bound to who opened them, ended for good; the GET stream; methods that are none of ours.</summary>
public sealed class SessionTests(FrontFixture front) : IClassFixture<FrontFixture>
{
    [Theory]
    [InlineData("POST")]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task Session_OfAnotherPrincipal_IsForbidden(string method)
    {
        var owner = await front.OpenAsync();
        var thief = await front.OpenAsync();
        var marker = thief.Marker();
        var request = Request(thief, method, marker).With("Mcp-Session-Id", owner.Session);

        var reply = await thief.SendAsync(request);

        Assert.True(reply.Status == 403, $"{reply.Status} {reply.Body}");
        Assert.DoesNotContain(marker, await owner.ReceivedAsync(), StringComparison.Ordinal); // and the session still works
        Assert.Contains(await thief.LogsAsync(), record => record.GetProperty("status").GetString() == "rejected");
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task Session_AfterDelete_IsUnknown(string method)
    {
        var agent = await front.OpenAsync();
        var other = await front.OpenAsync();
        var ended = await agent.SendAsync(agent.Delete());
        Assert.InRange(ended.Status, 200, 204);
        var marker = agent.Marker();

        var reply = await agent.SendAsync(Request(agent, method, marker));

        Assert.Equal(404, reply.Status);
        Assert.DoesNotContain(marker, await other.ReceivedAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task Session_MissingOrUnknown_IsRefused(string method)
    {
        var agent = await front.OpenAsync();
        Assert.Equal(400, (await agent.SendAsync(Request(agent, method, "").Without("Mcp-Session-Id"))).Status);
        Assert.Equal(404, (await agent.SendAsync(Request(agent, method, "").With("Mcp-Session-Id", "0123456789abcdef0123456789abcdef"))).Status);
        await agent.ReceivedAsync(); // the agent's own session is untouched
    }

    [Theory]
    [InlineData("Origin", "http://evil.example", 403)]
    [InlineData("Host", "evil.example", 403)]
    [InlineData("Accept", "application/json", 406)]
    [InlineData("MCP-Protocol-Version", "1999-01-01", 400)]
    public async Task Get_BadHeader_IsRefused(string name, string value, int status)
    {
        var agent = await front.OpenAsync();
        Assert.Equal(status, (await agent.SendAsync(agent.Get().With(name, value))).Status);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example", 403)]
    [InlineData("Host", "evil.example", 403)]
    [InlineData("MCP-Protocol-Version", "1999-01-01", 400)]
    public async Task Delete_BadHeader_IsRefusedAndEndsNothing(string name, string value, int status)
    {
        var agent = await front.OpenAsync();
        Assert.Equal(status, (await agent.SendAsync(agent.Delete().With(name, value))).Status);
        await agent.ReceivedAsync();
    }

    [Fact]
    public async Task Get_Stream_CarriesWhatTheServerSaysByItself()
    {
        var agent = await front.OpenAsync();
        using var stream = await RawHttp.ConnectAsync(front.Gateway.Port);
        await stream.SendAsync(agent.Get().ToBytes());
        var head = await stream.ReceiveHeadAsync();
        Assert.Equal((200, "no"), (head.Status, head.Header("X-Accel-Buffering")));
        Assert.StartsWith("text/event-stream", head.Header("Content-Type"), StringComparison.Ordinal);
        await agent.SendAsync(agent.Post("""{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"test://one"}}"""));

        // Another agent's call makes the server say it, so that no call of this one could carry it.
        var other = await front.OpenAsync();
        var said = await other.SendAsync(other.Post(
            """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"update_resource","arguments":{"uri":"test://one"}}}"""));

        var message = await stream.NextEventAsync();
        Assert.Contains("notifications/resources/updated", message, StringComparison.Ordinal);
        Assert.Contains("test://one", message, StringComparison.Ordinal);
        Assert.DoesNotContain("notifications/", said.Body, StringComparison.Ordinal); // the other one did not subscribe
    }

    [Fact]
    public async Task Get_SecondStream_IsAConflict()
    {
        var agent = await front.OpenAsync();
        using var stream = await RawHttp.ConnectAsync(front.Gateway.Port);
        await stream.SendAsync(agent.Get().ToBytes());
        Assert.Equal(200, (await stream.ReceiveHeadAsync()).Status);

        Assert.Equal(409, (await agent.SendAsync(agent.Get())).Status);
    }

    [Fact]
    public async Task Delete_WithAnOpenStream_EndsTheStream()
    {
        var agent = await front.OpenAsync();
        using var stream = await RawHttp.ConnectAsync(front.Gateway.Port);
        await stream.SendAsync(agent.Get().ToBytes());
        await stream.ReceiveHeadAsync();

        await agent.SendAsync(agent.Delete());

        Assert.Null(await stream.NextEventAsync());
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("TRACE")]
    [InlineData("HEAD")]
    [InlineData("QUERY")]
    public async Task Method_OfNoUse_IsNotAllowed(string method)
    {
        var agent = await front.OpenAsync();
        var reply = await agent.SendAsync(agent.Get().Adding("Origin", "http://app.example") with { Method = method });
        Assert.Equal(405, reply.Status);
        Assert.Contains("POST", reply.Header("Allow"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Initialize_TwoAgents_GetSessionsThatCannotBeGuessed()
    {
        var (one, other) = (await front.OpenAsync(), await front.OpenAsync());
        Assert.NotEqual(one.Session, other.Session);
        Assert.InRange(one.Session.Length, 22, 128); // 128 random bits in base64 at least
        Assert.All(one.Session, letter => Assert.InRange(letter, '!', '~')); // MCP 2025-11-25, Transports, "Session Management"
    }

    private static RawRequest Request(FrontAgent agent, string method, string marker) => method switch
    {
        "POST" => agent.Post(FrontAgent.Echo(marker)),
        "GET" => agent.Get(),
        _ => agent.Delete(),
    };
}
