using System.Text.Json.Nodes;
using Oktsec.Tests.Gateway;

namespace Oktsec.Tests.StdioProxy;

/// <summary>A client that speaks 2026-07-28 over stdio, and a server that speaks it over HTTP: no session, and the headers of that revision.</summary>
public sealed class BridgeModernTests
{
    private const string Meta = """ "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}} """;

    [Theory]
    [InlineData("server/discover", "", null)]
    [InlineData("tools/list", "", null)]
    [InlineData("tools/call", "\"name\":\"get_weather\",\"arguments\":{},", "get_weather")]
    [InlineData("prompts/get", "\"name\":\"gr\\u00fc\\u00dfe\",", "=?base64?Z3LDvMOfZQ==?=")]
    [InlineData("resources/read", "\"uri\":\"file:///x y\",", "file:///x y")]
    [InlineData("tasks/get", "\"taskId\":\"t-1\",", "t-1")]
    public async Task Request_CarriesWhatTheBodySaysInHeaders(string method, string parameters, string? name)
    {
        await using var remote = await FakeRemote.StartAsync((http, _) => FakeRemote.JsonAsync(http, """{"jsonrpc":"2.0","id":"m","result":{"resultType":"complete"}}"""));
        await using var bridge = ProxyProcess.StartBridge("--enforce", remote.Url);
        var line = $$$"""{"jsonrpc":"2.0","id":"m","method":"{{{method}}}","params":{ {{{parameters}}} {{{Meta}}} } }""";
        Assert.Equal("""{"jsonrpc":"2.0","id":"m","result":{"resultType":"complete"}}""", await bridge.AskAsync(line));
        Assert.Equal(0, await bridge.EndAsync());
        var arrived = Assert.Single(remote.Requests);
        Assert.Equal(line, arrived.Body);
        Assert.Equal("2026-07-28", arrived.Headers["MCP-Protocol-Version"]);
        Assert.Equal(method, arrived.Headers["Mcp-Method"]);
        Assert.Equal(name, arrived.Headers.GetValueOrDefault("Mcp-Name"));
        Assert.False(arrived.Headers.ContainsKey("Mcp-Session-Id"));
        Assert.Equal("allow", bridge.Records(method).Single().Decision);
    }

    // MCP 2026-07-28, "Custom Headers from Tool Parameters": what the client has listed says which arguments go into headers too.
    [Theory]
    [InlineData("""{"region":"eu west","where":{"n":1e2},"other":"x"}""", "eu west", "100")]
    [InlineData("""{"region":"Grüße"}""", "=?base64?R3LDvMOfZQ==?=", null)]
    [InlineData("""{"region":null,"where":{"n":[1]}}""", null, null)]
    public async Task Call_OfAListedTool_CarriesItsParametersInHeaders(string arguments, string? region, string? number)
    {
        const string List = """{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","tools":[{"name":"t","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"where":{"type":"object","properties":{"n":{"type":"integer","x-mcp-header":"N"}}},"other":{"type":"string"}}}}]}}""";
        const string Done = """{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","content":[]}}""";
        await using var remote = await FakeRemote.StartAsync((http, arrived) => FakeRemote.JsonAsync(http, arrived.Body.Contains("tools/list", StringComparison.Ordinal) ? List : Done));
        await using var bridge = ProxyProcess.StartBridge("--enforce", remote.Url);
        await bridge.AskAsync($$$"""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{ {{{Meta}}} } }""");
        Assert.Equal(Done, await bridge.AskAsync($$$"""{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"t","arguments":{{{arguments}}},{{{Meta}}}}}"""));
        Assert.Equal(0, await bridge.EndAsync());
        var headers = remote.Requests.Last().Headers;
        Assert.Equal((region, number), (headers.GetValueOrDefault("Mcp-Param-Region"), headers.GetValueOrDefault("Mcp-Param-N")));
        Assert.DoesNotContain("Mcp-Param-Other", headers.Keys, StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Cancellation_ClosesTheStreamAndIsNotPosted()
    {
        var closed = new TaskCompletionSource();
        await using var remote = await FakeRemote.StartAsync(async (http, arrived) =>
        {
            await FakeRemote.EventAsync(http, """{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{}}""");
            using var registration = http.RequestAborted.Register(() => closed.TrySetResult());
            await closed.Task;
        });
        await using var bridge = ProxyProcess.StartBridge("--enforce", remote.Url);
        Assert.Contains("acknowledged", await bridge.AskAsync($$$"""{"jsonrpc":"2.0","id":9,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},{{{Meta}}}}}"""));
        await bridge.SendAsync("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}""");
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, await bridge.EndAsync());
        Assert.Single(remote.Requests);
    }

    [Fact]
    public async Task Stream_OfChanges_DoesNotKeepTheBridge()
    {
        await using var remote = await FakeRemote.StartAsync(async (http, arrived) =>
        {
            await FakeRemote.EventAsync(http, """{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":9}}}""");
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        await using var bridge = ProxyProcess.StartBridge("--enforce", remote.Url);
        Assert.Contains("list_changed", await bridge.AskAsync($$$"""{"jsonrpc":"2.0","id":9,"method":"subscriptions/listen","params":{ {{{Meta}}} } }"""));
        Assert.Equal(0, await bridge.EndAsync()); // else a minute passes, which is this test's patience
        Assert.NotEmpty(bridge.Records("notifications/tools/list_changed"));
    }

    [Fact]
    public async Task InputRequired_Poisoned_IsStopped()
    {
        var evil = $$$$$$"""{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":{"a":{"method":"elicitation/create","params":{"mode":"form","message":"{{{{{{Messages.Evil}}}}}}","requestedSchema":{"type":"object","properties":{}}}}},"requestState":"s"}}""";
        await using var remote = await FakeRemote.StartAsync((http, _) => FakeRemote.JsonAsync(http, evil));
        await using var bridge = ProxyProcess.StartBridge("--enforce --inspect-responses", remote.Url);
        var answer = await bridge.AskAsync($$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{},{{{Meta}}}}}""");
        Assert.Contains("blocked by oktsec", answer);
        Assert.DoesNotContain("attacker", answer);
        await bridge.EndAsync();
        Assert.NotEqual("allow", bridge.Records("tools/call").Single().Decision);
    }

    // A server of the sessions knows no server/discover; the client hears an error and goes on with initialize.
    [Fact]
    public async Task Discover_AtAServerOfTheSessions_IsAnError_AndInitializeWorks()
    {
        await using var bridge = await RemoteServerProcess.StartWithBridgeAsync("--enforce", "/mcp");
        var answer = JsonNode.Parse(await bridge.AskAsync($$$"""{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{ {{{Meta}}} } }"""))!;
        Assert.NotNull(answer["error"]);
        Assert.NotNull((await bridge.InitializeAsync())["result"]);
        Assert.Contains("m-1", await bridge.AskAsync(Messages.Call("2", "echo", """{"message":"m-1"}""")));
    }
}
