using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Oktsec.Tests.Peers;
using Oktsec.Tests.StdioProxy;

namespace Oktsec.Tests.Clients;

/// <summary><c>wrap --gateway</c> with the real executable: a client that speaks HTTP and one that starts programs reach a real server through a gateway that was running already.</summary>
public sealed class GatewayWrapCommandTests : IDisposable
{
    private const string Initialize = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";
    private const string Initialized = """{"jsonrpc":"2.0","method":"notifications/initialized"}""";
    private const string Call = """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"get-env","arguments":{}}}""";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5); // a hang must end as a failure

    private readonly OktsecHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task TwoClients_ReachTheirServer_WithItsSecret_AndUnwrapGivesAllBack()
    {
        var script = PeerPaths.Script("@modelcontextprotocol/server-everything", "dist/index.js");
        var text = $$$"""
            {
              "mcpServers": {
                "everything": { "command": "node", "args": ["{{{script}}}"], "env": { "A_TOKEN": "a-long-secret-value" } }
              }
            }

            """;
        var (cursor, desktop) = (_home.Write(".cursor/mcp.json", text), _home.Write(".config/Claude/claude_desktop_config.json", text));
        Assert.Equal(0, (await _home.RunAsync("setup")).Exit);
        var run = await _home.RunGatewayAsync(["--port", "0"], async banner =>
        {
            // The port that it has is the one that clients are led to.
            var url = new Uri(Regex.Match(banner, "(?m)^  gateway   (http://[^, ]+)").Groups[1].Value);
            _home.Write(".oktsec/config.yaml", _home.Read(".oktsec/config.yaml").Replace("gateway:\n", $"gateway:\n  port: {url.Port}\n", StringComparison.Ordinal));

            var dry = await _home.RunAsync("wrap", "--all", "--gateway", "--dry-run");
            Assert.Equal(0, dry.Exit);
            Assert.Matches(@"\d files would change\. Nothing was written\.", dry.Output);
            Assert.False(Directory.Exists(_home[".oktsec/secrets"]));
            var wrap = await _home.RunAsync("wrap", "--all", "--gateway");
            Assert.Equal((0, ""), (wrap.Exit, wrap.Error));
            Assert.Contains($"behind the gateway at {url}. Keep it running: oktsec run.", wrap.Output);
            var token = _home.Read(".oktsec/tokens/cursor").Trim();
            Assert.DoesNotContain(token, wrap.Output);
            Assert.DoesNotContain("a-long-secret-value", wrap.Output + _home.Read(".oktsec/config.yaml") + _home.Read(".cursor/mcp.json"));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_home[".oktsec/secrets/everything/A_TOKEN"]));

            var entry = JsonNode.Parse(_home.Read(".cursor/mcp.json"))!["mcpServers"]!["oktsec"]!;
            Assert.Equal((url.ToString(), $"Bearer {token}"), ((string)entry["url"]!, (string)entry["headers"]!["Authorization"]!));
            Assert.Contains("a-long-secret-value", await HttpCallAsync(entry));
            Assert.Contains("a-long-secret-value", await StdioCallAsync(JsonNode.Parse(_home.Read(".config/Claude/claude_desktop_config.json"))!["mcpServers"]!["oktsec"]!));
            var status = await _home.RunAsync("status");
            Assert.Contains("Cursor: 1 of 1 servers through oktsec, behind the gateway", status.Output);
            Assert.Contains("answers on port", status.Output);
            Assert.Equal(0, status.Exit);
        });
        Assert.Equal(0, run.Exit);
        var calls = ProxyProcess.RecordsOf(_home.DbPath).Where(r => r.Entry.Method == "tools/call").ToList();
        foreach (var agent in (string[])["cursor", "claude-desktop"])
            Assert.Contains(calls, r => r.Entry.Agent == agent && r.Entry is { IdentifiedBy: "token", Backend: "everything", Door: "gateway" } && r.Decision == "allow");

        var idle = await _home.RunAsync("status");
        Assert.Contains("does not answer, and is all that Claude Desktop, Cursor can reach", idle.Output);
        Assert.Equal(1, idle.Exit);
        var unwrap = await _home.RunAsync("unwrap", "--all");
        Assert.Equal(0, unwrap.Exit);
        Assert.DoesNotContain("a-long-secret-value", unwrap.Output);
        Assert.Equal((text, text), (await File.ReadAllTextAsync(cursor, TestContext.Current.CancellationToken), await File.ReadAllTextAsync(desktop, TestContext.Current.CancellationToken)));
        Assert.DoesNotContain("mcp_servers", _home.Read(".oktsec/config.yaml"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_home[".oktsec/secrets"]));
        Assert.Empty(Directory.EnumerateFiles(_home[".oktsec/tokens"]));
    }

    [Theory]
    [InlineData("gateway.port is auto", "gateway: { port: auto }\n", "wrap", "--all", "--gateway")]
    [InlineData("--gateway takes a client that oktsec knows", "", "wrap", "--file", "mine.json", "--gateway")]
    public async Task WrongUse_SaysWhatHelps_AndChangesNothing(string said, string config, params string[] arguments)
    {
        const string text = """{"mcpServers":{"a":{"command":"npx"}}}""";
        _home.Write(".oktsec/config.yaml", config + "db_path: x.db\n");
        _home.Write(".cursor/mcp.json", text);
        _home.Write("mine.json", text);
        var run = await _home.RunAsync(arguments);
        Assert.Equal(2, run.Exit);
        Assert.Contains(said, run.Error);
        Assert.Equal((text, text), (_home.Read(".cursor/mcp.json"), _home.Read("mine.json")));
    }

    /// <summary>As a client that speaks HTTP: with what its entry says and nothing else.</summary>
    private static async Task<string> HttpCallAsync(JsonNode entry)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = s_patience };
        using var patience = new CancellationTokenSource(s_patience);
        while (true) // until the running gateway has read its configuration again: each round asks it, and takes as long as that
        {
            string? session = null;
            var answer = "";
            foreach (var message in (string[])[Initialize, Initialized, Call])
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, (string)entry["url"]!) { Content = new StringContent(message, Encoding.UTF8, "application/json") };
                request.Headers.Accept.ParseAdd("application/json, text/event-stream");
                request.Headers.Authorization = AuthenticationHeaderValue.Parse((string)entry["headers"]!["Authorization"]!);
                if (session is not null)
                    request.Headers.Add("Mcp-Session-Id", session);
                using var reply = await http.SendAsync(request, patience.Token);
                session ??= reply.Headers.TryGetValues("Mcp-Session-Id", out var ids) ? ids.Single() : null;
                answer = await reply.Content.ReadAsStringAsync(patience.Token);
            }
            if (!answer.Contains("\"error\"", StringComparison.Ordinal))
                return answer;
        }
    }

    /// <summary>As a client that starts programs.</summary>
    private async Task<string> StdioCallAsync(JsonNode entry)
    {
        using var process = Process.Start(_home.At(new ProcessStartInfo((string)entry["command"]!, entry["args"]!.AsArray().Select(a => (string)a!))))!;
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(Initialize + "\n");
        await process.StandardInput.FlushAsync();
        await AnswerAsync(process, 1, error);
        await process.StandardInput.WriteAsync(Initialized + "\n" + Call + "\n");
        await process.StandardInput.FlushAsync();
        var answer = await AnswerAsync(process, 2, error);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(s_patience);
        return answer;
    }

    private static async Task<string> AnswerAsync(Process process, int id, Task<string> error)
    {
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(s_patience) is { } line)
        {
            if (JsonNode.Parse(line) is JsonObject message && message["method"] is null && message["id"]?.GetValue<int>() == id)
                return line;
        }
        throw new EndOfStreamException(await error);
    }
}
