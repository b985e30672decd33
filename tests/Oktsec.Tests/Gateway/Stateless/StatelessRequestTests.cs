using System.Net;
using System.Text.Json.Nodes;
using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Gateway.Stateless;

/// <summary>Revision 2026-07-28 towards agents, request by request: each MUST that concerns a server.</summary>
public sealed class StatelessRequestTests(StatelessFixture fixture) : IClassFixture<StatelessFixture>
{
    private const int HeaderMismatch = -32020;
    private const int InvalidParams = -32602;

    private TestGateway Gateway => fixture.Gateway;

    [Fact]
    public async Task Discover_SaysVersionsCapabilitiesAndWhoWeAre()
    {
        using var agent = new StatelessAgent(Gateway);
        var answer = await agent.RequestAsync("server/discover");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var result = answer.Result!;
        Assert.Equal("complete", (string?)result["resultType"]);
        Assert.Equal("""["2026-07-28"]""", result["supportedVersions"]!.ToJsonString());
        Assert.Equal("""{"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"prompts":{"listChanged":true},"logging":{},"completions":{}}""", result["capabilities"]!.ToJsonString());
        Assert.Equal("oktsec-test-server", (string?)result["_meta"]!["io.modelcontextprotocol/serverInfo"]!["name"]);
        Assert.Equal((0, "private"), ((int)result["ttlMs"]!, (string?)result["cacheScope"]));
        Assert.Null(result["serverInfo"]);
        Assert.Null(result["protocolVersion"]);
        var record = Gateway.Records("server/discover")[0].Entry;
        Assert.Equal(("allow", "", "tester"), (record.Decision, record.Session, record.Agent));
    }

    [Theory]
    [InlineData("tools/list", "tools")]
    [InlineData("prompts/list", "prompts")]
    [InlineData("resources/list", "resources")]
    [InlineData("resources/templates/list", "resourceTemplates")]
    public async Task List_IsCompletePrivateAndTheSameEachTime(string method, string member)
    {
        using var agent = new StatelessAgent(Gateway);
        var first = await agent.RequestAsync(method);
        Assert.Equal(("complete", 0, "private"), ((string?)first.Result!["resultType"], (int)first.Result["ttlMs"]!, (string?)first.Result["cacheScope"]));
        Assert.NotNull(first.Result[member]);
        Assert.Equal(first.Result.ToJsonString(), (await agent.RequestAsync(method)).Result!.ToJsonString());
        Assert.Equal("allow", Gateway.Records(method)[0].Entry.Decision);
    }

    [Fact]
    public async Task Call_ArrivesAsItCameAndTheAnswerIsComplete()
    {
        using var agent = new StatelessAgent(Gateway);
        var marker = fixture.Marker();
        var body = agent.Body("tools/call", $"\"name\":\"echo\", \"arguments\" : {{\"message\":\"{marker}\"}}", ",\"example.com/trace\":[1.0]");
        var answer = await agent.SendAsync(body);
        Assert.Equal((HttpStatusCode.OK, marker), (answer.Status, answer.Text));
        Assert.Equal("complete", (string?)answer.Result!["resultType"]);
        // Nothing but the id is the gateway's own.
        var received = Assert.Single(Gateway.ReceivedWith("one", marker));
        Assert.Equal(body[body.IndexOf("\"method\"", StringComparison.Ordinal)..], received[received.IndexOf("\"method\"", StringComparison.Ordinal)..]);
        var record = Gateway.Records("tools/call")[0];
        Assert.Equal(("", "echo", "allow", "allow"), (record.Entry.Session, record.Entry.Target, record.Entry.Decision, record.Outcome!.Decision));
    }

    [Fact]
    public async Task Result_KeepsEveryByteButForWhatItLacks()
    {
        using var agent = new StatelessAgent(Gateway);
        Assert.Contains("""
            {"resultType":"complete","content":[{"type":"text","text":"\u0061\/b \ud83d\ude00 é","x-unknown":[1.0,1e2,-0]}],"structuredContent":{"big":123456789012345678901234567890,"precise":0.10000000000000000001,"exp":1E+2 , "sp" : [ ] },"_meta":{"odd/key":null}}
            """.Trim(), (await agent.CallAsync("odd_json")).Body);
    }

    [Fact]
    public async Task Error_OfTheBackend_PassesWithItsData()
    {
        using var agent = new StatelessAgent(Gateway);
        var answer = await agent.CallAsync("rpc_error");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("""{"code":-32050,"message":"as asked","data":{"n":12345678901234567890}}""", answer.Error!.ToJsonString());
    }

    [Theory]
    [InlineData("prompts/get", "\"name\":\"greet\",\"arguments\":{\"who\":\"them\"}")]
    [InlineData("completion/complete", "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"greet\"},\"argument\":{\"name\":\"who\",\"value\":\"a\"}")]
    public async Task OtherRequest_IsAnsweredComplete(string method, string parameters)
    {
        using var agent = new StatelessAgent(Gateway);
        var answer = await agent.RequestAsync(method, parameters);
        Assert.Equal("complete", (string?)answer.Result!["resultType"]);
        Assert.Null(answer.Result["ttlMs"]);
    }

    [Fact]
    public async Task Read_SaysHowItMayBeKept()
    {
        using var agent = new StatelessAgent(Gateway);
        var answer = await agent.RequestAsync("resources/read", "\"uri\":\"test://one\"");
        Assert.Equal(("complete", 0, "private"), ((string?)answer.Result!["resultType"], (int)answer.Result["ttlMs"]!, (string?)answer.Result["cacheScope"]));
    }

    [Fact]
    public async Task Read_OfWhatIsNotThere_GetsTheCodeOfThisRevision()
    {
        using var agent = new StatelessAgent(Gateway);
        var answer = await agent.RequestAsync("resources/read", "\"uri\":\"file:///nowhere\"");
        Assert.Equal(InvalidParams, (int)answer.Error!["code"]!);
        Assert.DoesNotContain("-32002", answer.Body);
    }

    [Theory]
    [InlineData("MCP-Protocol-Version", null, HeaderMismatch)]
    [InlineData("MCP-Protocol-Version", "2025-11-25", HeaderMismatch)]
    [InlineData("MCP-Protocol-Version", "1999-01-01", HeaderMismatch)]
    [InlineData("Mcp-Method", null, HeaderMismatch)]
    [InlineData("Mcp-Method", "tools/list", HeaderMismatch)]
    [InlineData("Mcp-Method", "TOOLS/CALL", HeaderMismatch)]
    [InlineData("Mcp-Method", "=?base64?dG9vbHMvY2FsbA==?=", HeaderMismatch)]
    [InlineData("Mcp-Name", null, HeaderMismatch)]
    [InlineData("Mcp-Name", "cwd", HeaderMismatch)]
    [InlineData("Mcp-Name", "Echo", HeaderMismatch)]
    [InlineData("Mcp-Name", "=?base64?ZWNobw?=", HeaderMismatch)]
    [InlineData("Mcp-Name", "=?base64?ZWNo bw==?=", HeaderMismatch)]
    [InlineData("Mcp-Name", "=?base64?ZWNobx==?=", HeaderMismatch)]
    [InlineData("Mcp-Name", "=?base64?_2NobyA=?=", HeaderMismatch)]
    [InlineData("Mcp-Name", "=?base64?/w==?=", HeaderMismatch)]
    [InlineData("Mcp-Name", "=?BASE64?ZWNobw==?=", HeaderMismatch)]
    public async Task Header_ThatIsNotTheBody_IsRefusedAndReachesNobody(string header, string? value, int code)
    {
        using var agent = new StatelessAgent(Gateway);
        var marker = fixture.Marker();
        var answer = await agent.SendAsync(agent.Body("tools/call", $"\"name\":\"echo\",\"arguments\":{{\"message\":\"{marker}\"}}"), (header, value));
        Assert.Equal((HttpStatusCode.BadRequest, code), (answer.Status, (int)answer.Error!["code"]!));
        Assert.NotNull(answer.Final["id"]);
        Assert.Empty(Gateway.ReceivedWith("one", marker));
        Assert.Equal("message_malformed", Gateway.Records("tools/call")[0].Entry.Decision);
    }

    [Theory]
    [InlineData("Mcp-Name", "=?base64?ZWNobw==?=")]
    [InlineData("mcp-name", "echo")]
    [InlineData("Mcp-Session-Id", "0123456789abcdef")]
    [InlineData("Last-Event-ID", "7")]
    [InlineData("Mcp-Param-Unknown", "anything")]
    public async Task Header_ThatSaysTheSameOrNothing_IsAccepted(string header, string value)
    {
        using var agent = new StatelessAgent(Gateway);
        var marker = fixture.Marker();
        var answer = await agent.SendAsync(agent.Body("tools/call", $"\"name\":\"echo\",\"arguments\":{{\"message\":\"{marker}\"}}"), (header, value));
        Assert.Equal((HttpStatusCode.OK, marker), (answer.Status, answer.Text));
    }

    [Theory]
    [InlineData("no _meta", "\"_meta\":", "\"x\":")]
    [InlineData("no version", "io.modelcontextprotocol/protocolVersion", "x/protocolVersion")]
    [InlineData("no capabilities", "io.modelcontextprotocol/clientCapabilities", "x/clientCapabilities")]
    [InlineData("capabilities no object", "\"io.modelcontextprotocol/clientCapabilities\":{}", "\"io.modelcontextprotocol/clientCapabilities\":[]")]
    [InlineData("client info no object", "{\"name\":\"test\",\"version\":\"1\"}", "7")]
    [InlineData("version no string", "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"", "\"io.modelcontextprotocol/protocolVersion\":20260728")]
    [InlineData("unknown log level", "\"io.modelcontextprotocol/clientInfo\"", "\"io.modelcontextprotocol/logLevel\":\"loud\",\"io.modelcontextprotocol/clientInfo\"")]
    public async Task Meta_ThatLacksWhatIsRequired_IsRefused(string what, string good, string bad)
    {
        using var agent = new StatelessAgent(Gateway);
        var marker = fixture.Marker();
        var body = agent.Body("tools/call", $"\"name\":\"echo\",\"arguments\":{{\"message\":\"{marker}\"}}").Replace(good, bad, StringComparison.Ordinal);
        Assert.Contains(bad, body);
        var answer = await agent.SendAsync(body);
        Assert.True(answer.Status == HttpStatusCode.BadRequest, what);
        Assert.Equal(InvalidParams, (int)answer.Error!["code"]!);
        Assert.Empty(Gateway.ReceivedWith("one", marker));
        Assert.Equal("message_malformed", Gateway.Records("tools/call")[0].Entry.Decision);
    }

    [Theory]
    [InlineData("\"na\\u006de\":\"cwd\",\"name\":\"echo\"")]
    [InlineData("\"Name\":\"cwd\",\"name\":\"echo\"")]
    [InlineData("\"name\":\"echo\",\"RequestState\":\"x\"")]
    [InlineData("\"name\":\"echo\",\"inputresponses\":{}")]
    public async Task Message_ThatTwoReadersReadDifferently_IsRefused(string members)
    {
        using var agent = new StatelessAgent(Gateway);
        var marker = fixture.Marker();
        var answer = await agent.SendAsync(agent.Body("tools/call", $"{members},\"arguments\":{{\"message\":\"{marker}\"}}"), ("Mcp-Name", "echo"));
        Assert.Equal((HttpStatusCode.BadRequest, -32600), (answer.Status, (int)answer.Error!["code"]!));
        Assert.Empty(Gateway.ReceivedWith("one", marker));
    }

    [Fact]
    public async Task Meta_SpelledTwice_IsRefused()
    {
        using var agent = new StatelessAgent(Gateway);
        var answer = await agent.RequestAsync("tools/list", meta: ",\"io.modelcontextprotocol\\/protocolVersion\":\"2025-11-25\"");
        Assert.Equal((HttpStatusCode.BadRequest, -32600), (answer.Status, (int)answer.Error!["code"]!));
    }

    [Fact]
    public async Task Version_Unknown_IsAnsweredWithWhatIsSupported()
    {
        using var agent = new StatelessAgent(Gateway);
        var answer = await agent.SendAsync(agent.Body("server/discover").Replace(StatelessAgent.Revision, "v999.0.0", StringComparison.Ordinal), ("MCP-Protocol-Version", "v999.0.0"));
        Assert.Equal((HttpStatusCode.BadRequest, -32022), (answer.Status, (int)answer.Error!["code"]!));
        Assert.Equal("""{"supported":["2026-07-28"],"requested":"v999.0.0"}""", answer.Error["data"]!.ToJsonString());
        Assert.Equal("message_malformed", Gateway.Records("server/discover")[0].Entry.Decision);
    }

    [Theory]
    [InlineData("initialize")]
    [InlineData("ping")]
    [InlineData("logging/setLevel")]
    [InlineData("resources/subscribe")]
    [InlineData("resources/unsubscribe")]
    [InlineData("tasks/list")]
    [InlineData("tasks/result")]
    [InlineData("unknown/method")]
    public async Task Method_ThatDoesNotExist_Gets404(string method)
    {
        using var agent = new StatelessAgent(Gateway);
        var marker = fixture.Marker();
        var answer = await agent.RequestAsync(method, $"\"uri\":\"test://one\",\"x\":\"{marker}\"");
        Assert.Equal((HttpStatusCode.NotFound, -32601), (answer.Status, (int)answer.Error!["code"]!));
        Assert.NotNull(answer.Final["id"]);
        // What no revision knows may be known to the only backend; what this one gave up goes no further.
        Assert.Equal(method == "unknown/method" ? 1 : 0, Gateway.ReceivedWith("one", marker).Length);
    }

    [Theory]
    [InlineData("resources/subscribe")]
    [InlineData("resources/unsubscribe")]
    public async Task Method_ThatDoesNotExist_IsNotAskedWhatItLacks(string method)
    {
        using var agent = new StatelessAgent(Gateway);
        var answer = await agent.RequestAsync(method);
        Assert.Equal((HttpStatusCode.NotFound, -32601), (answer.Status, (int)answer.Error!["code"]!));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task StreamOrEndOfASession_IsNotAllowed(string method)
    {
        using var agent = new StatelessAgent(Gateway);
        using var response = await agent.SendAsync(new HttpMethod(method));
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "POST"), (response.StatusCode, string.Join(", ", response.Content.Headers.Allow)));
    }

    [Fact]
    public async Task Initialize_WithTheHeaderOfThisRevision_IsRefused()
    {
        using var agent = new StatelessAgent(Gateway);
        var answer = await agent.SendAsync("""{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a","version":"1"}}}""");
        Assert.Equal((HttpStatusCode.BadRequest, HeaderMismatch), (answer.Status, (int)answer.Error!["code"]!));
    }

    [Fact]
    public async Task Answer_OfAClient_IsRefused()
    {
        using var agent = new StatelessAgent(Gateway);
        var answer = await agent.SendAsync("""{"jsonrpc":"2.0","id":1,"result":{}}""");
        Assert.Equal((HttpStatusCode.BadRequest, -32600), (answer.Status, (int)answer.Error!["code"]!));
    }

    [Fact]
    public async Task Notification_OfASession_IsAcceptedAndGoesNowhere()
    {
        using var agent = new StatelessAgent(Gateway);
        var marker = fixture.Marker();
        var answer = await agent.SendAsync($$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"{{{marker}}}"}}""");
        Assert.Equal((HttpStatusCode.Accepted, ""), (answer.Status, answer.Body));
        Assert.Empty(Gateway.ReceivedWith("one", marker));
        Assert.Equal("allow", Gateway.Records("notifications/cancelled")[0].Entry.Decision);
    }

    [Fact]
    public async Task Notification_OfAnExtension_ReachesTheBackendUnlessPoisoned()
    {
        using var agent = new StatelessAgent(Gateway);
        var marker = fixture.Marker();
        await agent.CallAsync("cwd");
        Assert.Equal(HttpStatusCode.Accepted, (await agent.SendAsync($$$"""{"jsonrpc":"2.0","method":"notifications/x","params":{"a":"{{{marker}}}"}}""")).Status);
        await TestGateway.UntilAsync(() => Gateway.ReceivedWith("one", marker).Length == 1);
        var poisoned = fixture.Marker();
        Assert.Equal(HttpStatusCode.Accepted, (await agent.SendAsync($$$"""{"jsonrpc":"2.0","method":"notifications/x","params":{"a":"{{{poisoned}}} {{{Evil}}}"}}""")).Status);
        await agent.CallAsync("cwd");
        Assert.Empty(Gateway.ReceivedWith("one", poisoned));
        Assert.True(IsDenied(Gateway.Asked("notifications/x")[0]));
    }

    [Fact]
    public async Task Sessions_OfEarlierRevisions_WorkOnTheSamePath()
    {
        using var stateless = new StatelessAgent(Gateway);
        using var session = await Gateway.ConnectAsync();
        var marker = fixture.Marker();
        Assert.Equal(marker, (await session.CallAsync("echo", $"{{\"message\":\"{marker}\"}}")).Text);
        Assert.Null((await session.CallAsync("echo", $"{{\"message\":\"{marker}\"}}")).Result!["resultType"]);
        Assert.Equal(marker, (await stateless.CallAsync("echo", $"{{\"message\":\"{marker}\"}}")).Text);
    }

    [Theory]
    [InlineData("tools/list", "")]
    [InlineData("server/discover", "")]
    [InlineData("tools/call", "\"name\":\"echo\",\"arguments\":{\"message\":\"x\"}")]
    [InlineData("resources/list", "")]
    [InlineData("resources/templates/list", "")]
    [InlineData("resources/read", "\"uri\":\"test://one\"")]
    [InlineData("prompts/list", "")]
    [InlineData("prompts/get", "\"name\":\"greet\"")]
    [InlineData("completion/complete", "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"greet\"},\"argument\":{\"name\":\"name\",\"value\":\"x\"}")]
    [InlineData("subscriptions/listen", "\"notifications\":{\"toolsListChanged\":true}")]
    [InlineData("tasks/get", "\"taskId\":\"t-1\"")]
    [InlineData("tasks/update", "\"taskId\":\"t-1\",\"inputResponses\":{}")]
    [InlineData("tasks/cancel", "\"taskId\":\"t-1\"")]
    [InlineData("x/unheard", "")]
    public async Task Request_WithAnInjection_IsDeniedAndReachesNobody(string method, string members)
    {
        using var agent = new StatelessAgent(Gateway, method.Replace('/', '-')); // one that has done nothing before: repetition weighs
        var marker = fixture.Marker();
        var answer = await agent.RequestAsync(method, members, $",\"x/note\":{Quote(marker + " " + Evil)}");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Contains("blocked by oktsec: PI-", answer.Body);
        Assert.Equal(method == "tools/call" ? "complete" : null, (string?)answer.Result?["resultType"]);
        Assert.Empty(Gateway.ReceivedWith("one", marker));
        Assert.True(IsDenied(Gateway.Asked(method)[0]));
    }

    [Theory]
    [InlineData("tasks/get")]
    [InlineData("tasks/update")]
    [InlineData("tasks/cancel")]
    public async Task Task_OfNobody_IsUnknownAndReachesNobody(string method)
    {
        using var agent = new StatelessAgent(Gateway);
        var marker = fixture.Marker();
        var answer = await agent.RequestAsync(method, $"\"taskId\":\"{marker}\"");
        Assert.Equal((HttpStatusCode.OK, InvalidParams), (answer.Status, (int)answer.Error!["code"]!));
        Assert.Empty(Gateway.ReceivedWith("one", marker));
    }

    [Fact]
    public async Task Param_Header_MustBeTheArgument()
    {
        using var agent = new StatelessAgent(Gateway);
        await agent.ListAsync();
        var marker = fixture.Marker();
        Task<Answer> CallAsync(string arguments, params (string, string?)[] headers) =>
            agent.SendAsync(agent.Body("tools/call", $"\"name\":\"mirrored\",\"arguments\":{arguments}"), headers);

        var full = $$$"""{"region":"eu {{{marker}}}","n":42.0,"on":true,"deep":{"er":"é"}}""";
        (string, string?)[] good = [("Mcp-Param-Region", $"eu {marker}"), ("Mcp-Param-N", "42"), ("Mcp-Param-On", "true"), ("Mcp-Param-Deep", StatelessAgent.Encoded("é"))];
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(full, good)).Status);
        Assert.Single(Gateway.ReceivedWith("one", marker));
        Assert.Equal(HttpStatusCode.OK, (await CallAsync("""{"region":null}""")).Status);

        foreach (var (header, value) in new (string, string?)[]
        {
            ("Mcp-Param-Region", null), ("Mcp-Param-Region", "us"), ("Mcp-Param-Region", $"EU {marker}"), ("Mcp-Param-N", "43"), ("Mcp-Param-N", "4.2e1"),
            ("Mcp-Param-On", "True"), ("Mcp-Param-Deep", "=?base64?w6?="),
        })
        {
            var answer = await CallAsync(full, [.. good.Where(h => h.Item1 != header), (header, value)]);
            Assert.Equal((HttpStatusCode.BadRequest, HeaderMismatch), (answer.Status, (int)answer.Error!["code"]!));
            Assert.Equal("message_malformed", Gateway.Records("tools/call")[0].Entry.Decision);
        }
        Assert.Equal(HttpStatusCode.BadRequest, (await CallAsync("{}", ("Mcp-Param-Region", "eu"))).Status);
        Assert.Single(Gateway.ReceivedWith("one", marker));
    }
}

/// <summary>One gateway before one scripted server, for tests that change nothing.</summary>
public sealed class StatelessFixture : IAsyncLifetime
{
    private int _markers;

    internal TestGateway Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Gateway = await StartAsync([
        // On one line, as everything a server says over stdio.
        """{"tools":[{"name":"mirrored","description":"Takes a region.","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"n":{"type":"integer","x-mcp-header":"N"},"on":{"type":"boolean","x-mcp-header":"On"},"deep":{"type":"object","properties":{"er":{"type":"string","x-mcp-header":"Deep"}}}}}}]}"""]);

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();

    /// <summary>A text that no other request carries.</summary>
    public string Marker() => $"marker-{Interlocked.Increment(ref _markers)}-";
}
