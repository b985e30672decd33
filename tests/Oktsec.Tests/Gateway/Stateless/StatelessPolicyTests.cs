using System.Net;
using System.Text.Json.Nodes;
using Oktsec.Core.Audit;
using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Gateway.Stateless;

/// <summary>Every row of the table of denials holds without sessions too: the reply, the record, and that the backend saw nothing.</summary>
public sealed class StatelessPolicyTests
{
    [Fact]
    public async Task HiddenTool_GetsByteForByteWhatANonexistentOneGets()
    {
        await using var gateway = await StartAsync(["{}"], "agents: { tester: { allowed_tools: [echo] } }");
        using var agent = new StatelessAgent(gateway);
        Assert.Equal(["echo"], await agent.ListAsync());
        var hidden = await agent.SendAsync(agent.Body("tools/call", "\"name\":\"cwd\",\"arguments\":{}").Replace("\"id\":2", "\"id\":\"x\"", StringComparison.Ordinal));
        var nonexistent = await agent.SendAsync(agent.Body("tools/call", "\"name\":\"cwx\",\"arguments\":{}").Replace("\"id\":3", "\"id\":\"x\"", StringComparison.Ordinal));
        Assert.Equal("""{"jsonrpc":"2.0","id":"x","error":{"code":-32602,"message":"Unknown tool: cwd"}}""", hidden.Body);
        Assert.Equal(hidden.Body.Replace("cwd", "cwx", StringComparison.Ordinal), nonexistent.Body);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (hidden.Status, nonexistent.Status));
        Assert.Empty(gateway.CallsReceived("one"));
        Assert.All(gateway.Records("tools/call"), r => Assert.Equal("tool_not_allowed", r.Entry.Decision));
    }

    [Fact]
    public async Task MirroredHeaders_NeverDecide()
    {
        await using var gateway = await StartAsync(["{}"], "agents: { tester: { allowed_tools: [echo] } }");
        using var agent = new StatelessAgent(gateway);
        // The header names what is allowed, the body what is not; and the other way round.
        foreach (var (inBody, inHeader) in new[] { ("cwd", "echo"), ("echo", "cwd") })
        {
            var answer = await agent.SendAsync(agent.Body("tools/call", $"\"name\":\"{inBody}\",\"arguments\":{{}}"), ("Mcp-Name", inHeader));
            Assert.Equal((HttpStatusCode.BadRequest, -32020), (answer.Status, (int)answer.Error!["code"]!));
        }
        Assert.Empty(gateway.CallsReceived("one"));
    }

    [Theory]
    [InlineData("stranger")]
    [InlineData(null)]
    public async Task Agent_Unknown_Gets403AndLeavesNothingBehind(string? name)
    {
        await using var gateway = await StartAsync(["{}"], "agents: { tester: {} }");
        using var agent = new StatelessAgent(gateway, name);
        foreach (var method in new[] { "server/discover", "tools/list", "subscriptions/listen" })
        {
            var answer = await agent.RequestAsync(method);
            Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
            Assert.Null(answer.Final["id"]);
            Assert.Equal("agent_unknown", gateway.Records(method)[0].Entry.Decision);
        }
        Assert.Empty(gateway.Received("one"));
        Assert.Equal(0, gateway.Host.Parts.Sessions.Count);
    }

    [Theory]
    [InlineData("suspended: true", "agent_suspended")]
    [InlineData(null, "agent_unknown")] // taken out of the configuration
    public async Task Agent_NoLongerWelcome_HearsNothingOnStreamsThatAreStillOpen(string? policy, string decision)
    {
        var servers = "mcp_servers:\n" + TestGateway.Backend("one").TrimEnd('\n') + "\n    shared: true\n";
        await using var gateway = await TestGateway.StartAsync(servers + "agents: { tester: {}, other: {} }\n");
        using var modern = new StatelessAgent(gateway);
        using var stream = await OpenStream.OfAsync(modern.PostAsync(modern.Body("subscriptions/listen", """ "notifications":{"resourceSubscriptions":["test://one"]} """), CancellationToken.None));
        await stream.NextAsync();
        using var session = await gateway.ConnectAsync();
        using var other = await gateway.ConnectAsync("other");
        await session.RequestAsync("resources/subscribe", """{"uri":"test://one"}""");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var heard = session.ListenAsync(limit.Token).GetAsyncEnumerator(limit.Token);
        var first = heard.MoveNextAsync();
        await other.CallAsync("update_resource", """{"uri":"test://one"}""");
        Assert.Equal("test://one", (string?)(await stream.NextAsync())["params"]!["uri"]);
        Assert.True(await first);

        await gateway.ReloadAsync(servers + (policy is null ? "agents: { other: {} }\n" : $"agents: {{ tester: {{ {policy} }}, other: {{}} }}\n"));
        await other.CallAsync("update_resource", """{"uri":"test://one"}""");
        await TestGateway.UntilAsync(() => gateway.Said("notifications/resources/updated").Count(e => e.Decision == decision) == 2);
        await gateway.ReloadAsync(servers + "agents: { tester: {}, other: {} }\n");

        // Nothing came between the first and what comes when all is as before.
        await other.CallAsync("update_resource", """{"uri":"test://one/below"}""");
        Assert.Equal("test://one/below", (string?)(await stream.NextAsync())["params"]!["uri"]);
        Assert.True(await heard.MoveNextAsync());
        Assert.Equal("test://one/below", (string?)heard.Current["params"]!["uri"]);
        await limit.CancelAsync();
    }

    [Fact]
    public async Task Agent_Suspended_IsDeniedAndStartsNothing()
    {
        await using var gateway = await StartAsync(["{}"], "agents: { tester: { suspended: true } }");
        using var agent = new StatelessAgent(gateway);
        var answer = await agent.CallAsync("echo");
        Assert.StartsWith("blocked by oktsec: agent_suspended", answer.Text);
        Assert.Equal("complete", (string?)answer.Result!["resultType"]);
        Assert.Empty(gateway.Received("one"));
        Assert.Equal("agent_suspended", gateway.Records("tools/call")[0].Entry.Decision);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Host", "evil.example")]
    public async Task Origin_OrHost_Foreign_Gets403(string header, string value)
    {
        await using var gateway = await StartAsync(["{}"]);
        using var agent = new StatelessAgent(gateway);
        var answer = await agent.SendAsync(agent.Body("tools/call", "\"name\":\"echo\",\"arguments\":{}"), (header, value));
        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Empty(gateway.Received("one"));
        Assert.Equal("origin_denied", gateway.Records("tools/call")[0].Entry.Decision);
    }

    [Fact]
    public async Task RateLimit_CountsEveryRequest()
    {
        await using var gateway = await StartAsync(["{}"], "rate_limit: { per_agent: 2, window: 3600 }");
        using var agent = new StatelessAgent(gateway);
        await agent.RequestAsync("server/discover");
        await agent.CallAsync("cwd");
        Assert.StartsWith("blocked by oktsec: rate_limited", (await agent.CallAsync("cwd")).Text);
        Assert.Single(gateway.CallsReceived("one"));
        Assert.Equal("rate_limited", gateway.Records("tools/call")[0].Entry.Decision);
    }

    [Fact]
    public async Task Result_Injection_NeverReachesTheAgent()
    {
        await using var gateway = await StartAsync([Tool("row", $$$"""  "x-result":{"content":[{"type":"text","text":{{{Quote(Evil)}}} }] } """)]);
        using var agent = new StatelessAgent(gateway);
        var answer = await agent.CallAsync("row");
        Assert.True(answer.IsToolError);
        Assert.Equal("complete", (string?)answer.Result!["resultType"]);
        Assert.DoesNotContain(Mark, answer.Body);
        Assert.NotEqual(AuditStatus.Delivered, gateway.Records("tools/call").Single().Outcome!.Status);
    }

    [Fact]
    public async Task Definition_Poisoned_DisappearsAndCannotBeCalled()
    {
        await using var gateway = await TestGateway.StartAsync("mcp_servers:\n" + TestGateway.Backend("one", "--poisoned"));
        using var agent = new StatelessAgent(gateway);
        Assert.DoesNotContain("get_weather", await agent.ListAsync());
        Assert.Equal(-32602, (int)(await agent.CallAsync("get_weather")).Error!["code"]!);
        Assert.Empty(gateway.CallsReceived("one"));
    }

    [Fact]
    public async Task Instructions_Poisoned_AreLeftOut()
    {
        await using var gateway = await StartAsync([$$"""{"instructions":{{Quote(Evil)}} }""", """{"instructions":"Be brief."}"""]);
        using var agent = new StatelessAgent(gateway);
        var answer = await agent.RequestAsync("server/discover");
        Assert.Equal("# two\nBe brief.", (string?)answer.Result!["instructions"]);
        Assert.DoesNotContain(Mark, answer.Body);
        Assert.Equal("oktsec", (string?)answer.Result["_meta"]!["io.modelcontextprotocol/serverInfo"]!["name"]);
        Assert.Contains(gateway.Said("initialize"), IsDenied);
    }

    [Fact]
    public async Task Names_InConflict_ChangeInTheBodyAndOnlyThere()
    {
        await using var gateway = await StartAsync(["{}", "{}"]);
        using var agent = new StatelessAgent(gateway);
        Assert.Contains("two_echo", await agent.ListAsync());
        Assert.Equal("hello", (await agent.CallAsync("two_echo", """{"message":"hello"}""")).Text);
        Assert.Contains("\"name\":\"echo\"", Assert.Single(gateway.CallsReceived("two")));
        Assert.Empty(gateway.CallsReceived("one"));
    }

    [Fact]
    public async Task States_OfTwoPrincipals_ShareNoConnection()
    {
        await using var gateway = await StartAsync(["{}"]);
        using var one = new StatelessAgent(gateway, "alice");
        using var same = new StatelessAgent(gateway, "alice");
        using var other = new StatelessAgent(gateway, "bob");
        using var session = await gateway.ConnectAsync("alice");
        var pid = (await one.CallAsync("pid")).Text;
        Assert.Equal(pid, (await same.CallAsync("pid")).Text);
        Assert.NotEqual(pid, (await other.CallAsync("pid")).Text);
        Assert.NotEqual(pid, (await session.CallAsync("pid")).Text);
        // Other features need other words at initialize, and so a connection of their own.
        using var asking = new StatelessAgent(gateway, "alice", """{"sampling":{}}""");
        using var asAsking = new StatelessAgent(gateway, "alice", """{ "sampling": {"x":1} }""");
        Assert.NotEqual(pid, (await asking.CallAsync("pid")).Text);
        Assert.Equal((await asking.CallAsync("pid")).Text, (await asAsking.CallAsync("pid")).Text);
    }

    [Fact]
    public async Task States_OfOnePrincipal_ShareAConnectionThatNeedsNotBeToldWhatTheyCan()
    {
        await using var gateway = await TestGateway.StartAsync("mcp_servers:\n" + TestGateway.Backend("one", "--modern"));
        using var one = new StatelessAgent(gateway, "alice");
        using var asking = new StatelessAgent(gateway, "alice", """{"sampling":{}}""");
        using var other = new StatelessAgent(gateway, "bob");
        var pid = (await one.CallAsync("pid")).Text;
        Assert.Equal(pid, (await asking.CallAsync("pid")).Text);
        Assert.NotEqual(pid, (await other.CallAsync("pid")).Text);
        // What each can do goes with its own request.
        Assert.Equal(["{}", """{"sampling":{}}""", "{}"], gateway.CallsReceived("one").Select(l => JsonNode.Parse(l)!["params"]!["_meta"]!["io.modelcontextprotocol/clientCapabilities"]!.ToJsonString()));
        Assert.Equal("input_required", (string?)(await asking.CallAsync("ask_sampling")).Result!["resultType"]);
    }

    [Fact]
    public async Task State_CannotBeNamedAsASession()
    {
        await using var gateway = await StartAsync(["{}"]);
        using var agent = new StatelessAgent(gateway);
        await agent.CallAsync("cwd");
        using var thief = gateway.Agent();
        thief.Session = gateway.Host.Parts.Sessions.All.Single().Id;
        Assert.Equal(HttpStatusCode.NotFound, (await thief.CallAsync("cwd")).Status);
    }

    [Fact]
    public async Task Capabilities_WithoutSense_HarmNobody()
    {
        await using var gateway = await StartAsync(["{}"]);
        using var odd = new StatelessAgent(gateway, "odd", """{"roots":{"listChanged":7},"sampling":{"tools":7},"elicitation":{"url":{"a":[]}},"experimental":{"x":7,"y":{"z":1}},"tasks":9}""");
        Assert.Equal("hi", (await odd.CallAsync("echo", """{"message":"hi"}""")).Text);
        var initialize = Assert.Single(gateway.ReceivedWith("one", "\"initialize\""));
        Assert.Contains("\"capabilities\":{\"roots\":{},\"sampling\":{},\"elicitation\":{\"url\":{}},\"experimental\":{\"y\":{\"z\":1}}}", initialize);
        Assert.Contains("\"protocolVersion\":\"2025-11-25\"", initialize);
    }

    [Fact]
    public async Task States_OfOnePrincipal_AreBounded()
    {
        await using var gateway = await StartAsync(["{}"]);
        for (var i = 0; i < 20; i++)
        {
            using var agent = new StatelessAgent(gateway, "many", $$$"""{"experimental":{"x{{{i}}}":{} } }""");
            Assert.NotNull((await agent.RequestAsync("tools/list")).Result);
        }
        Assert.Equal(16, gateway.Host.Parts.Sessions.Count);
        await TestGateway.UntilAsync(() => gateway.ReceivedWith("one", "\"initialize\"").Length == 20);
    }

    [Fact]
    public async Task State_ThatNobodyUses_Ends()
    {
        await using var gateway = await StartAsync(["{}"]);
        using var agent = new StatelessAgent(gateway);
        var pid = (await agent.CallAsync("pid")).Text;
        await gateway.Host.Parts.Sessions.ReapAsync(TimeSpan.Zero);
        Assert.Equal(0, gateway.Host.Parts.Sessions.Count);
        Assert.NotEqual(pid, (await agent.CallAsync("pid")).Text);
    }
}
