using System.Text;
using System.Text.Json;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>What the specification asks of a client towards a server of 2026-07-28: what the server received says whether it was done.</summary>
public sealed class ModernBackendTests
{
    private const string Meta =
        "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientInfo\":{\"name\":\"test\",\"version\":\"1\"},"
        + "\"io.modelcontextprotocol/clientCapabilities\":{\"sampling\":{},\"roots\":{},\"elicitation\":{}}";

    public static TheoryData<Flavour> Modern { get; } = [.. Enum.GetValues<Flavour>().Where(flavour => flavour.IsModern())];

    public static TheoryData<Flavour> OverHttp { get; } = [Flavour.ModernEvents, Flavour.ModernJson];

    [Theory, MemberData(nameof(Modern))]
    public async Task Request_AnyShape_GetsTheFieldsAndKeepsEveryOtherByte(Flavour flavour)
    {
        using var received = new TemporaryFile();
        await using (var test = await TestBackend.CreateAsync(flavour, ["--received", received.Path], o => o with { Protocol = "2026-07-28" }))
        {
            await test.ConnectAsync();
            foreach (var body in (string[])
                [
                    """{"jsonrpc":"2.0","id":"a","method":"tools/list"}""",
                    """{"id":"a","method":"tools\/list","params":{ } , "jsonrpc":"2.0" }""",
                    """{"jsonrpc":"2.0","params":{"arguments":{"n":1.0E2,"s":"\u0061"} ,"name":"echo_raw"},"id":"a","method":"tools/call"}""",
                    """{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"echo_raw","arguments":{},"_meta":{ }}}""",
                    """{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"echo_raw","arguments":{},"_meta":{"x/y":[1]}}}""",
                    """{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"echo_raw","arguments":{},"_meta":null}}""",
                ])
            {
                Assert.True(EnvelopeReader.TryRead(Encoding.UTF8.GetBytes(body), EnvelopeLimits.FromAgents, out var message, out _));
                using var response = await test.Backend.RequestAsync(TestBackend.Request(message), default).WaitAsync(Waits.Long);
                Assert.Equal(RpcKind.Response, response.Kind);
            }
        }
        var lines = received.Lines().Where(line => line.Contains("tools") && !line.Contains("subscriptions/listen")).Select(line => System.Text.RegularExpressions.Regex.Replace(line, "\"id\":\\d+", "\"id\":N")).ToArray();
        Assert.Equal(
            [
                """{"jsonrpc":"2.0","id":N,"method":"tools/list","params":{"_meta":{META}}}""",
                """{"id":N,"method":"tools\/list","params":{"_meta":{META} } , "jsonrpc":"2.0" }""",
                """{"jsonrpc":"2.0","params":{"_meta":{META},"arguments":{"n":1.0E2,"s":"\u0061"} ,"name":"echo_raw"},"id":N,"method":"tools/call"}""",
                """{"jsonrpc":"2.0","id":N,"method":"tools/call","params":{"name":"echo_raw","arguments":{},"_meta":{META }}}""",
                """{"jsonrpc":"2.0","id":N,"method":"tools/call","params":{"name":"echo_raw","arguments":{},"_meta":{META,"x/y":[1]}}}""",
                """{"jsonrpc":"2.0","id":N,"method":"tools/call","params":{"name":"echo_raw","arguments":{},"_meta":{META}}}""",
            ],
            lines.Select(line => line.Replace(Meta, "META", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Request_FieldsOfTheAgentsOwn_CountOnlyWhereItSpeaksThisRevision()
    {
        using var received = new TemporaryFile();
        await using (var test = await TestBackend.CreateAsync(Flavour.Modern, ["--received", received.Path]))
        {
            await test.ConnectAsync();
            var forged = TestBackend.Simple("tools/list", """{"_meta":{"io.modelcontextprotocol/clientCapabilities":{"forged":{}},"io.modelcontextprotocol/protocolVersion":"2024-11-05"}}""");
            (await test.Backend.RequestAsync(forged, default).WaitAsync(Waits.Long)).Dispose();
            (await test.Backend.RequestAsync(forged with { IsModern = true }, default).WaitAsync(Waits.Long)).Dispose();
        }
        var lists = received.Lines().Where(line => line.Contains("tools/list")).ToArray();
        Assert.DoesNotContain("forged", lists[0]);
        Assert.Contains("\"io.modelcontextprotocol/clientCapabilities\":{\"sampling\":{},\"roots\":{},\"elicitation\":{}}", lists[0]);
        Assert.Contains("forged", lists[1]);
        Assert.All(lists, line => Assert.Contains("\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"", line));
    }

    [Theory, MemberData(nameof(OverHttp))]
    public async Task Headers_Request_SayWhatTheBodySays(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        var headers = JsonDocument.Parse(await test.TextAsync("headers")).RootElement;

        Assert.Equal("2026-07-28", headers.GetProperty("MCP-Protocol-Version").GetString());
        Assert.Equal("tools/call", headers.GetProperty("Mcp-Method").GetString());
        Assert.Equal("headers", headers.GetProperty("Mcp-Name").GetString());
        Assert.Equal("application/json, text/event-stream", headers.GetProperty("Accept").GetString());
        Assert.False(headers.TryGetProperty("Mcp-Session-Id", out _));
    }

    [Theory]
    [InlineData("resources/read", """{"uri":"test://é ?"}""")]
    [InlineData("prompts/get", """{"name":"greet"}""")]
    [InlineData("completion/complete", """{"ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"who","value":""}}""")]
    [InlineData("resources/list", "{}")]
    public async Task Headers_OtherMethods_AreWhatAStrictServerTakes(string method, string parameters)
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.ModernJson);

        using var response = await test.Backend.RequestAsync(TestBackend.Simple(method, parameters), default).WaitAsync(Waits.Long);

        Assert.Equal(RpcKind.Response, response.Kind);
    }

    [Fact]
    public async Task ParameterHeaders_ToolThatWantsThem_GetsThemEncoded()
    {
        using var script = TemporaryFile.With(Scripted(
            """{"name":"sql","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"n":{"type":"integer","x-mcp-header":"N"},"b":{"type":"boolean","x-mcp-header":"B"},"deep":{"type":"object","properties":{"x":{"type":"string","x-mcp-header":"Deep"}}}}}}"""));
        await using var test = await TestBackend.ConnectAsync(Flavour.ModernJson, ["--script", script.Path]);
        (await test.Backend.RequestAsync(TestBackend.Simple("tools/list", "{}"), default).WaitAsync(Waits.Long)).Dispose();

        foreach (var arguments in (string[])
            ["{}", """{"region":"us-west1"}""", """{"region":"Grüße","n":42,"b":true,"deep":{"x":" padded "}}""", """{"region":null,"n":1.0,"b":false}""", """{"region":"=?base64?literal?=","n":-7}""", """{"region":"a\nb"}"""])
            Assert.Equal("sql was called", await test.TextAsync("sql", arguments));
    }

    [Fact]
    public async Task ParameterHeaders_NotKnownYet_AreLearntWhenTheServerMissesThem()
    {
        using var script = TemporaryFile.With(Scripted("""{"name":"sql","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"}}}}"""));
        using var received = new TemporaryFile();
        await using var test = await TestBackend.ConnectAsync(Flavour.ModernJson, ["--script", script.Path, "--received", received.Path]);

        Assert.Equal("sql was called", await test.TextAsync("sql", """{"region":"eu"}"""));

        Assert.Equal(["tools/call", "tools/list", "tools/call"], received.Lines().Select(Method).Where(m => m.StartsWith("tools/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ParameterHeaders_ThatBreakTheRules_LeaveTheirToolOut()
    {
        using var script = TemporaryFile.With(Scripted(
            """{"name":"good","inputSchema":{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"A"}}}},{"name":"bad","inputSchema":{"type":"object","properties":{"a":{"type":"number","x-mcp-header":"A"}}}}"""));
        await using var test = await TestBackend.ConnectAsync(Flavour.ModernJson, ["--script", script.Path]);

        using var list = await test.Backend.RequestAsync(TestBackend.Simple("tools/list", "{}"), default).WaitAsync(Waits.Long);

        Assert.Contains("\"good\"", Encoding.UTF8.GetString(list.Bytes.Span));
        Assert.DoesNotContain("\"bad\"", Encoding.UTF8.GetString(list.Bytes.Span));
        Assert.Contains("a tool is left out: its x-mcp-header belongs to a parameter that is no string, integer or boolean", (await test.Listener.NextRefusedAsync()).Detail);
        await using var stdio = await TestBackend.ConnectAsync(Flavour.Modern, ["--script", script.Path]);
        using var all = await stdio.Backend.RequestAsync(TestBackend.Simple("tools/list", "{}"), default).WaitAsync(Waits.Long);
        Assert.Contains("\"bad\"", Encoding.UTF8.GetString(all.Bytes.Span)); // headers are nothing to stdio
    }

    [Theory, MemberData(nameof(Modern))]
    public async Task Cancel_Call_IsSaidAsTheTransportSaysIt(Flavour flavour)
    {
        using var received = new TemporaryFile();
        await using var test = await TestBackend.ConnectAsync(flavour, ["--received", received.Path]);
        using var cancel = new CancellationTokenSource();
        var late = test.CallAsync("late", cancel: cancel.Token);
        await Eventually.TrueAsync(() => received.Lines().Any(line => line.Contains("\"late\"")));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late);
        await Eventually.TrueAsync(() => received.Lines().Any(line => line.StartsWith("cancelled ", StringComparison.Ordinal)));
        Assert.Equal(flavour == Flavour.Modern ? 1 : 0, received.Lines().Count(line => line.Contains("notifications/cancelled")));
        Assert.Equal("alive", await test.TextAsync("echo", """{"message":"alive"}"""));
    }

    [Theory, MemberData(nameof(Modern))]
    public async Task LogLevel_Set_IsSaidWithEveryRequestAndNotSentByItself(Flavour flavour)
    {
        using var received = new TemporaryFile();
        await using var test = await TestBackend.CreateAsync(flavour, ["--received", received.Path]);
        await test.ConnectAsync();
        await test.TextAsync("log", """{"message":"unheard"}""");

        using var set = await test.Backend.RequestAsync(TestBackend.Simple("logging/setLevel", """{"level":"warning"}"""), default).WaitAsync(Waits.Long);
        using var wrong = await test.Backend.RequestAsync(TestBackend.Simple("logging/setLevel", """{"level":"loud"}"""), default).WaitAsync(Waits.Long);
        await test.TextAsync("log", """{"message":"heard"}""");

        Assert.Equal("{}", Encoding.UTF8.GetString(set.Span(set.Result)));
        Assert.Equal(RpcKind.ErrorResponse, wrong.Kind);
        Assert.Contains("heard", (await test.Listener.NextAsync()).Message);
        var lines = received.Lines();
        Assert.DoesNotContain(lines, line => line.Contains("logging/setLevel"));
        Assert.DoesNotContain("logLevel", lines.First(line => line.Contains("unheard")));
        Assert.Contains("\"io.modelcontextprotocol/logLevel\":\"warning\"", lines.First(line => line.Contains("\"heard")));
    }

    [Theory, MemberData(nameof(Modern))]
    public async Task Handshake_Discovered_IsShownAsInitializeWouldSayIt(Flavour flavour)
    {
        using var script = TemporaryFile.With("""{"name":"n","version":"2","instructions":"Use \u0061 tool.","capabilities":{"tools":{"x":1.0}}}""");
        await using var test = await TestBackend.CreateAsync(flavour, ["--script", script.Path]);
        await test.ConnectAsync();

        var shown = test.Backend.Handshake!.Response;

        Assert.Equal(
            """{"protocolVersion":"2026-07-28","capabilities":{"tools":{"x":1.0}},"serverInfo":{"name":"n","version":"2"},"instructions":"Use a tool."}""",
            Encoding.UTF8.GetString(shown.Span(shown.Result)));
    }

    [Theory, MemberData(nameof(Modern))]
    public async Task Sent_WhatThisRevisionDoesNotHave_StaysHere(Flavour flavour)
    {
        using var received = new TemporaryFile();
        await using (var test = await TestBackend.ConnectAsync(flavour, ["--received", received.Path]))
        {
            foreach (var message in (string[])
                [
                    """{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}""", """{"jsonrpc":"2.0","id":77,"result":{}}""",
                    """{"jsonrpc":"2.0","method":"notifications/x","params":{"n":1.0}}""",
                ])
                await test.Backend.SendAsync(Encoding.UTF8.GetBytes(message), default);
            (await test.Backend.RequestAsync(TestBackend.Simple("ping", "{}"), default).WaitAsync(Waits.Long)).Dispose();
            await test.TextAsync("echo", """{"message":"x"}""");
        }
        Assert.Equal(["server/discover", "notifications/x", "tools/call"], received.Lines().Where(line => line[0] == '{').Select(Method)
            .Where(m => m is not ("notifications/cancelled" or "subscriptions/listen")));
    }

    [Theory]
    [InlineData(Flavour.Modern)]
    [InlineData(Flavour.ModernEvents)]
    public async Task Message_RequestOfTheServer_IsRefusedAndNotAnswered(Flavour flavour)
    {
        using var received = new TemporaryFile();
        await using var test = await TestBackend.ConnectAsync(flavour, ["--received", received.Path]);

        foreach (var method in (string[])["ping", "sampling/createMessage"])
        {
            Assert.Equal("said", await test.TextAsync("say", $$$"""{"message":"{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"{{{method}}}\"}"}"""));
            Assert.Equal("a server of 2026-07-28 must not send requests", (await test.Listener.NextRefusedAsync()).Detail);
        }

        Assert.Equal(0, test.Listener.MessageCount);
        Assert.Equal("alive", await test.TextAsync("echo", """{"message":"alive"}"""));
        Assert.All(received.Lines(), line => Method(line)); // a response has none
    }

    private static string Scripted(string tools) => $$"""{"tools":[{{tools}}]}""";

    private static string Method(string line) => JsonDocument.Parse(line).RootElement.GetProperty("method").GetString()!;
}
