using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Oktsec.Core.Audit;
using Oktsec.Tests.Gateway;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.StdioProxy;

/// <summary>The bridge in front of a server that behaves: everything passes in both directions, and a session that is lost comes back.</summary>
public sealed class BridgeTests
{
    private const string Fresh = """{"definition":{"name":"fresh","description":"New.","inputSchema":{"type":"object"}}}""";

    [Theory]
    [InlineData("/mcp", "")]
    [InlineData("/mcp", "--json")]
    [InlineData("/mcp", "--stateless")]
    [InlineData("/mcp", "--no-get")]
    [InlineData("/sse", "--only-sse")]
    [InlineData("/mcp", "--event-ids")]
    public async Task Messages_PassBothWays_WithTheirOwnIds(string path, string flag)
    {
        await using var bridge = await RemoteServerProcess.StartWithBridgeAsync("", path, more: flag.Length > 0 ? [flag] : []);
        var initialize = await bridge.InitializeAsync("""{"sampling":{},"roots":{}}""");
        Assert.Equal("2025-11-25", (string?)initialize["result"]!["protocolVersion"]);
        var odd = """{"jsonrpc":"2.0","id":"a\u0062 \"c\"","method":"tools/call","params":{"name":"echo_raw","arguments":{"n":1.00,"u":"\u00e9"}},"x-unknown":true}""";
        var answer = await bridge.AskAsync(odd);
        Assert.Contains("\"id\":\"a\\u0062 \\\"c\\\"\"", answer);
        Assert.Contains("\"n\":1.00,\"u\":\"\\u00e9\"", answer);
        Assert.Contains(odd, bridge.Received()); // byte for byte, id and all
        Assert.Equal(0, await bridge.EndAsync());
        Assert.Equal("", bridge.Errors());
        Assert.Equal("allow", bridge.Records("tools/call").Single().Decision);
    }

    [Theory]
    [InlineData("/mcp")]
    [InlineData("/sse")]
    public async Task Server_AsksAndTells(string path)
    {
        await using var bridge = await RemoteServerProcess.StartWithBridgeAsync("--enforce --inspect-responses", path);
        await bridge.InitializeAsync("""{"sampling":{},"roots":{}}""");
        var question = JsonNode.Parse(await bridge.AskAsync(Messages.Call("1", "ask_roots")))!;
        Assert.Equal("roots/list", (string?)question["method"]);
        Assert.Contains("file:///x", await bridge.AskAsync($$$"""{"jsonrpc":"2.0","id":{{{question["id"]!.ToJsonString()}}},"result":{"roots":[{"uri":"file:///x"}]}}"""));

        var progress = await bridge.AskAsync("""{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"progress","arguments":{"token":"p-1"},"_meta":{"progressToken":"p-1"}}}""");
        Assert.Contains("notifications/progress", progress);
        Assert.Contains("\"p-1\"", progress);
        Assert.Contains("\"id\":2", await bridge.ReadAsync());

        // What belongs to no request comes on the stream of GET, which opens after initialized.
        await bridge.SendAsync(Messages.Call("3", "change_tools", Fresh));
        var heard = new[] { await bridge.ReadAsync(), await bridge.ReadAsync() };
        Assert.Contains(heard, l => l.Contains("notifications/tools/list_changed", StringComparison.Ordinal));
        Assert.Contains(heard, l => l.Contains("\"id\":3", StringComparison.Ordinal));
        await bridge.EndAsync();
        Assert.NotEmpty(bridge.Records("notifications/tools/list_changed"));
    }

    [Theory]
    [InlineData("/mcp")]
    [InlineData("/sse")]
    public async Task Cancellation_ReachesTheServer_AndTheCallEnds(string path)
    {
        await using var bridge = await RemoteServerProcess.StartWithBridgeAsync("--enforce", path);
        await bridge.InitializeAsync();
        await bridge.SendAsync(Messages.Call("\"c-1\"", "hang"));
        var cancel = """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c-1","reason":"enough"}}""";
        await bridge.SendAsync(cancel);
        await TestGateway.UntilAsync(() => bridge.Received().Contains(cancel));
        Assert.Contains("\"id\":5", await bridge.AskAsync(Messages.Call("5", "echo", """{"message":"m"}""")));
        Assert.Equal(0, await bridge.EndAsync());
        Assert.Contains(bridge.Records("tools/call"), r => r.Decision == "outcome_unknown");
    }

    [Theory]
    [InlineData("/mcp")]
    [InlineData("/sse")]
    public async Task Session_ThatTheServerForgot_IsOpenedAgainWithTheClientsOwnInitialize(string path)
    {
        await using var bridge = await RemoteServerProcess.StartWithBridgeAsync("--enforce", path);
        await bridge.InitializeAsync("""{"sampling":{}}""");
        Assert.Contains("lost", await bridge.AskAsync(Messages.Call("1", "lose_session")));
        Assert.Contains("again", await bridge.AskAsync(Messages.Call("2", "echo", """{"message":"again"}""")));
        await bridge.EndAsync();
        var initializes = bridge.Received().Where(l => l.Contains("\"initialize\"", StringComparison.Ordinal)).Select(l => JsonNode.Parse(l)!["params"]!.ToJsonString()).ToList();
        Assert.True(initializes.Count >= 2);
        Assert.Single(initializes.Distinct());
        Assert.Single(bridge.Received(), l => l.Contains("\"again\"", StringComparison.Ordinal));
        Assert.Equal("allow", bridge.Records("tools/call")[0].Decision);
    }

    [Fact]
    public async Task Server_ThatRestarts_IsFoundAgain()
    {
        using var folder = new TempFolder();
        var first = await RemoteServerProcess.StartAsync(folder);
        await using var bridge = ProxyProcess.StartBridge("--enforce", new Uri(first.Url, "/mcp"), folder: folder);
        await bridge.InitializeAsync();
        Assert.Contains("one", await bridge.AskAsync(Messages.Call("1", "echo", """{"message":"one"}""")));
        await first.DisposeAsync();
        await using var second = await RemoteServerProcess.StartAsync(folder, "--port", first.Url.Port.ToString(CultureInfo.InvariantCulture));
        Assert.Contains("two", await bridge.AskAsync(Messages.Call("2", "echo", """{"message":"two"}""")));
        await bridge.SendAsync(Messages.Call("3", "change_tools", Fresh));
        var heard = new[] { await bridge.ReadAsync(), await bridge.ReadAsync() };
        Assert.Contains(heard, l => l.Contains("list_changed", StringComparison.Ordinal)); // its stream is open too
        Assert.Equal(0, await bridge.EndAsync());
        Assert.Single(bridge.Received(), l => l.Contains("\"two\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Server_ThatDiesInACall_LeavesTheOutcomeUnknown_AndTheCallIsNotSentAgain()
    {
        await using var bridge = await RemoteServerProcess.StartWithBridgeAsync("--enforce", "/mcp");
        await bridge.InitializeAsync();
        await bridge.SendAsync(Messages.Call("1", "log_then_crash"));
        var answer = await bridge.ReadAsync();
        if (answer.Contains("before the cut", StringComparison.Ordinal)) // what a dying server said last may die with its connection
            answer = await bridge.ReadAsync();
        Assert.StartsWith("""{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"oktsec: http://127.0.0.1:""", answer);
        Assert.Contains("the outcome is unknown", answer);
        var next = await bridge.AskAsync(Messages.Call("2", "echo", """{"message":"m"}"""));
        Assert.Contains("cannot be reached", next);
        Assert.Contains("nothing was carried out", next);
        await bridge.EndAsync();
        Assert.Single(bridge.Received(), l => l.Contains("log_then_crash", StringComparison.Ordinal));
        Assert.Equal(["backend_unavailable", "outcome_unknown"], bridge.Records("tools/call").Select(r => r.Decision));
    }

    [Fact]
    public async Task Stream_ThatIsCut_IsTakenUpAgain()
    {
        await using var bridge = await RemoteServerProcess.StartWithBridgeAsync("--enforce", "/mcp", more: "--event-ids");
        await bridge.InitializeAsync();
        await bridge.SendAsync(Messages.Call("1", "log_then_cut", """{"gracefully":true}"""));
        Assert.Contains("before the cut", await bridge.ReadAsync());
        Assert.Contains("after the cut", await bridge.ReadAsync());
        await bridge.EndAsync();
        Assert.Single(bridge.Received(), l => l.Contains("log_then_cut", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Headers_AreFilledInAndStandOnNoCommandLine()
    {
        using var folder = new TempFolder();
        await using var server = await RemoteServerProcess.StartAsync(folder);
        File.WriteAllText(folder["token"], "from-the-file\n");
        File.SetUnixFileMode(folder["token"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var bridge = ProxyProcess.StartBridge(
            "--enforce", new Uri(server.Url, "/mcp"), folder: folder,
            more: ["--header", "Authorization: Bearer ${file:token}", "--header", "X-Home:${HOME}", "--header", "X-Plain: a: b"]);
        await bridge.InitializeAsync();
        var answer = await bridge.AskAsync(Messages.Call("1", "headers"));
        Assert.Contains("Bearer from-the-file", answer);
        Assert.Contains(folder.Path, answer);
        Assert.Contains("a: b", answer);
        Assert.DoesNotContain("from-the-file", File.ReadAllText($"/proc/{bridge.Pid}/cmdline"));
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/mcp", "", "http")]
    [InlineData("file:///etc/passwd", "", "http")]
    [InlineData("http://u:p@127.0.0.1/mcp", "", "holds credentials")]
    [InlineData("http://127.0.0.1/mcp", "Host: x", "set by oktsec itself")]
    [InlineData("http://127.0.0.1/mcp", "Mcp-Session-Id: x", "set by oktsec itself")]
    [InlineData("http://127.0.0.1/mcp", "Authorization", "has no colon")]
    [InlineData("http://127.0.0.1/mcp", "A: ${NOT_SET_ANYWHERE}", "NOT_SET_ANYWHERE")]
    public async Task Arguments_ThatCannotBeUsed_AreSaidOnStderr(string url, string header, string said)
    {
        using var folder = new TempFolder();
        var start = ProxyProcess.Executable(folder, ["proxy", "--agent", "tester", "--url", url, .. header.Length > 0 ? (string[])["--header", header] : []]);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        Assert.Contains(said, await process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.Equal(2, process.ExitCode);
    }

    [Fact]
    public async Task End_TellsTheServer_AndSignalsEndIt()
    {
        await using var bridge = await RemoteServerProcess.StartWithBridgeAsync("--enforce", "/mcp");
        await bridge.InitializeAsync();
        Assert.Contains("\"id\":1", await bridge.AskAsync(Messages.Call("1", "echo", """{"message":"m"}""")));
        using (var kill = Process.Start("kill", ["-TERM", bridge.Pid.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        Assert.Equal(143, await bridge.ExitAsync());
        Assert.Contains("DELETE /mcp 200", File.ReadAllText(bridge.Folder["http.log"]));
    }

    [Fact]
    public async Task PoisonedTool_IsTakenOut()
    {
        await using var bridge = await RemoteServerProcess.StartWithBridgeAsync("--enforce --inspect-responses", "/mcp", more: "--poisoned");
        await bridge.InitializeAsync();
        var list = await bridge.AskAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""");
        Assert.Contains("\"echo\"", list);
        Assert.DoesNotContain("get_weather", list);
        Assert.Equal(Messages.Error("2", "blocked by oktsec: tool_not_allowed"), await bridge.AskAsync(Messages.Call("2", "get_weather")));
        await bridge.EndAsync();
        Assert.DoesNotContain(bridge.Received(), l => l.Contains("get_weather", StringComparison.Ordinal));
    }
}
