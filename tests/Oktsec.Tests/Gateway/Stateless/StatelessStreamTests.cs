using System.Net;
using System.Text.Json.Nodes;
using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Gateway.Stateless;

/// <summary>Streams without sessions: what belongs to a request comes with it, what does not comes on subscriptions/listen.</summary>
public sealed class StatelessStreamTests
{
    private static Task<OpenStream> ListenAsync(StatelessAgent agent, string filter, string id = "7") =>
        OpenStream.OfAsync(agent.PostAsync(
            $$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"subscriptions/listen","params":{"notifications":{{{filter}}},"_meta":{{{agent.Meta()}}}}}""", CancellationToken.None));

    [Fact]
    public async Task Progress_ComesOnTheStreamOfItsRequestUnderItsOwnToken()
    {
        await using var gateway = await StartAsync(["{}"]);
        using var agent = new StatelessAgent(gateway);
        using var same = new StatelessAgent(gateway);
        // Two clients of one principal use the same token and id at the same time.
        var both = await Task.WhenAll(new[] { agent, same }.Select(a => a.CallAsync("slow", """{"ms":0,"progress":3}""", ",\"progressToken\":\"t\"")));
        foreach (var answer in both)
        {
            Assert.Equal([1, 2, 3], answer.Messages.Take(3).Select(m => (int)m["params"]!["progress"]!));
            Assert.All(answer.Messages.Take(3), m => Assert.Equal("t", (string?)m["params"]!["progressToken"]));
            Assert.Equal("done", answer.Text);
        }
        Assert.Equal(6, gateway.Said("notifications/progress").Length);
    }

    [Theory]
    [InlineData("", "info", false)]
    [InlineData(",\"io.modelcontextprotocol/logLevel\":\"info\"", "info", true)]
    [InlineData(",\"io.modelcontextprotocol/logLevel\":\"info\"", "error", true)]
    [InlineData(",\"io.modelcontextprotocol/logLevel\":\"warning\"", "info", false)]
    public async Task LogMessage_ComesOnlyWhenTheRequestAskedForItsLevel(string meta, string level, bool comes)
    {
        await using var gateway = await StartAsync(["{}"]);
        using var agent = new StatelessAgent(gateway);
        await agent.ListAsync();
        var answer = await agent.CallAsync("log", $$"""{"level":"{{level}}","message":"hello"}""", meta);
        Assert.Equal(comes, answer.Interim("notifications/message") is not null);
        Assert.Equal("logged", answer.Text);
        Assert.Single(gateway.Said("notifications/message"));
        Assert.Equal(meta.Length > 0 ? 1 : 0, gateway.ReceivedWith("one", "logging/setLevel").Length);
    }

    [Fact]
    public async Task LogMessage_Poisoned_NeverReachesTheAgent()
    {
        await using var gateway = await StartAsync([Tool("say", $$"""  "x-say":[{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","data":{{Quote(Evil)}} } }] """)]);
        using var agent = new StatelessAgent(gateway);
        var answer = await agent.CallAsync("say", meta: ",\"io.modelcontextprotocol/logLevel\":\"debug\"");
        Assert.DoesNotContain(Mark, answer.Body);
        Assert.Single(answer.Messages);
        Assert.True(IsDenied(Assert.Single(gateway.Said("notifications/message"))));
    }

    [Fact]
    public async Task Closing_TheStream_CancelsTheCallAtTheBackend()
    {
        await using var gateway = await StartAsync(["{}"]);
        using var agent = new StatelessAgent(gateway);
        await agent.ListAsync();
        using (var left = new CancellationTokenSource())
        {
            var call = agent.PostAsync(agent.Body("tools/call", "\"name\":\"hang\",\"arguments\":{}"), left.Token);
            await TestGateway.UntilAsync(() => gateway.CallsReceived("one").Length == 1);
            await left.CancelAsync();
            try
            {
                using var response = await call; // the headers may have come already
            }
            catch (OperationCanceledException)
            {
            }
        }
        await TestGateway.UntilAsync(() => gateway.ReceivedWith("one", "notifications/cancelled").Length == 1);
        await TestGateway.UntilAsync(() => gateway.Records("tools/call").Single().Outcome is not null);
        Assert.Equal("outcome_unknown", gateway.Records("tools/call").Single().Outcome!.Decision);
        Assert.Empty(gateway.Host.Parts.Sessions.All.Single().Calls);
    }

    [Fact]
    public async Task Listen_AcknowledgesFirstAndTellsUnderItsId()
    {
        await using var gateway = await StartAsync(["{}"]);
        using var agent = new StatelessAgent(gateway);
        await agent.ListAsync();
        using var stream = await ListenAsync(agent, """{"toolsListChanged":true,"promptsListChanged":false,"resourceSubscriptions":["test://one"],"x":1}""", "\"l-1\"");
        Assert.Equal((HttpStatusCode.OK, "text/event-stream", "no"),
            (stream.Response.StatusCode, stream.Response.Content.Headers.ContentType!.MediaType, stream.Response.Headers.GetValues("X-Accel-Buffering").Single()));

        var acknowledged = await stream.NextAsync();
        Assert.Equal("""{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":"l-1"},"notifications":{"toolsListChanged":true,"resourceSubscriptions":["test://one"]}}}""", acknowledged.ToJsonString());
        Assert.Single(gateway.ReceivedWith("one", "resources/subscribe"));

        await agent.CallAsync("change_tools", """{"definition":{"name":"new_tool","description":"New.","inputSchema":{"type":"object"}}}""");
        Assert.Equal("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":"l-1"}}}""", (await stream.NextAsync()).ToJsonString());
        await agent.CallAsync("update_resource", """{"uri":"test://other"}""");
        await agent.CallAsync("update_resource", """{"uri":"test://one"}""");
        Assert.Equal("test://other", (string?)(await stream.NextAsync())["params"]!["uri"]); // only the server knows what it is part of
        var updated = await stream.NextAsync();
        Assert.Equal("""{"_meta":{"io.modelcontextprotocol/subscriptionId":"l-1"},"uri":"test://one"}""", updated["params"]!.ToJsonString());
        Assert.Equal("allow", gateway.Asked("subscriptions/listen").Single().Decision);
        stream.Dispose();
        await TestGateway.UntilAsync(() => gateway.ReceivedWith("one", "resources/unsubscribe").Length == 1);
    }

    [Fact]
    public async Task Listen_HearsOnlyWhatItAskedFor()
    {
        await using var gateway = await StartAsync(["{}"]);
        using var agent = new StatelessAgent(gateway);
        await agent.ListAsync();
        using var narrow = await ListenAsync(agent, """{"promptsListChanged":true}""", "1");
        using var wide = await ListenAsync(agent, """{"promptsListChanged":true,"toolsListChanged":true}""", "2");
        await narrow.NextAsync();
        await wide.NextAsync();
        await agent.CallAsync("change_tools", """{"definition":{"name":"new_tool","description":"New.","inputSchema":{"type":"object"}}}""");
        Assert.Equal(2, (int)(await wide.NextAsync())["params"]!["_meta"]!["io.modelcontextprotocol/subscriptionId"]!);
        await gateway.Host.Parts.Sessions.EndAsync(gateway.Host.Parts.Sessions.All.Single());
        // A graceful end is the answer to the request, and for the narrow one the first thing since its acknowledgement.
        Assert.Equal("""{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":1}}}""", (await narrow.NextAsync()).ToJsonString());
    }

    [Fact]
    public async Task Listen_ToWhatIsHidden_LooksLikeListeningToNothing()
    {
        await using var gateway = await StartAsync(["{}"], "agents: { tester: { allowed_resources: ['test://one'] }, other: {} }");
        using var agent = new StatelessAgent(gateway);
        using var stream = await ListenAsync(agent, """{"resourceSubscriptions":["test://two","test://one"]}""");
        Assert.Equal("""{"resourceSubscriptions":["test://one"]}""", (await stream.NextAsync())["params"]!["notifications"]!.ToJsonString());
        Assert.Empty(gateway.ReceivedWith("one", "test://two"));
        await agent.CallAsync("update_resource", """{"uri":"test://two"}""");
        await agent.CallAsync("update_resource", """{"uri":"test://one"}""");
        Assert.Equal("test://one", (string?)(await stream.NextAsync())["params"]!["uri"]);
    }

    [Fact]
    public async Task Updates_OfAnotherPrincipal_StayWithIt()
    {
        await using var gateway = await StartAsync(["{}"]);
        using var alice = new StatelessAgent(gateway, "alice");
        using var bob = new StatelessAgent(gateway, "bob");
        using var hers = await ListenAsync(alice, """{"resourceSubscriptions":["test://one"]}""");
        using var his = await ListenAsync(bob, """{"resourceSubscriptions":["test://one"]}""");
        await hers.NextAsync();
        await his.NextAsync();
        await alice.CallAsync("update_resource", """{"uri":"test://one"}""");
        Assert.Equal("test://one", (string?)(await hers.NextAsync())["params"]!["uri"]);
        await bob.CallAsync("update_resource", """{"uri":"test://one/part"}""");
        Assert.Equal("test://one/part", (string?)(await his.NextAsync())["params"]!["uri"]);
    }

    [Fact]
    public async Task ListChanged_Poisoned_NeverReachesTheAgent()
    {
        await using var gateway = await StartAsync([Tool("say", $$"""
            "x-say":[{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"test://one","note":{{Quote(Evil)}} } },
            {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"test://one"} }]
            """)]);
        using var agent = new StatelessAgent(gateway);
        using var stream = await ListenAsync(agent, """{"resourceSubscriptions":["test://one"]}""");
        await stream.NextAsync();
        await agent.CallAsync("say");
        Assert.Null((await stream.NextAsync())["params"]!["note"]);
        Assert.True(IsDenied(gateway.Said("notifications/resources/updated")[1]));
    }

    [Fact]
    public async Task Acknowledgement_OfABackend_IsNotTheAgents()
    {
        await using var gateway = await StartAsync([Tool("say", $$"""
            "x-say":[{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{} } },
            {"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{},"note":{{Quote(Evil)}} } }]
            """)]);
        using var agent = new StatelessAgent(gateway);
        Assert.Single((await agent.CallAsync("say")).Messages);
        Assert.Equal("allow", gateway.Said("notifications/subscriptions/acknowledged")[1].Decision);
        Assert.True(IsDenied(gateway.Said("notifications/subscriptions/acknowledged")[0]));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("""{"toolsListChanged":1}""")]
    [InlineData("""{"resourceSubscriptions":"test://one"}""")]
    [InlineData("""{"resourceSubscriptions":[1]}""")]
    public async Task Listen_WithAFilterThatIsNone_IsInvalid(string filter)
    {
        await using var gateway = await StartAsync(["{}"]);
        using var agent = new StatelessAgent(gateway);
        var answer = await agent.RequestAsync("subscriptions/listen", $"\"notifications\":{filter}");
        Assert.Equal(-32602, (int)answer.Error!["code"]!);
    }

    [Fact]
    public async Task Listening_IsNoCallUnderWay()
    {
        await using var gateway = await StartAsync(["{}"], "agents: { tester: { max_concurrent_calls: 1 } }");
        using var agent = new StatelessAgent(gateway);
        using var stream = await ListenAsync(agent, """{"toolsListChanged":true}""");
        await stream.NextAsync();
        Assert.Equal("hi", (await agent.CallAsync("echo", """{"message":"hi"}""")).Text);
    }
}
