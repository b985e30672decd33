using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Oktsec.Tests.Clients;

/// <summary>Codex's app server, which its editors talk to: asked for the state of its MCP servers, it connects to them.</summary>
internal sealed class CodexAppServer : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5); // a hang must end as a failure

    private readonly Process _process;
    private int _id;

    private CodexAppServer(Process process)
    {
        _process = process;
        process.BeginErrorReadLine();
    }

    public static CodexAppServer Start(AgentClientHome home, AgentClient client) => new(Process.Start(home.Start(client, "app-server"))!);

    /// <summary>Its MCP servers, each with what it said of itself at initialize.</summary>
    public async Task<JsonArray> ServersAsync()
    {
        await AskAsync("initialize", """{"clientInfo":{"name":"oktsec-test","version":"1"},"capabilities":{"experimentalApi":true}}""");
        await WriteAsync("""{"method":"initialized"}""");
        return (await AskAsync("mcpServerStatus/list", "{}"))["data"]!.AsArray();
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(s_patience);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }

    private async Task<JsonNode> AskAsync(string method, string parameters)
    {
        var id = ++_id;
        await WriteAsync($$"""{"id":{{id}},"method":"{{method}}","params":{{parameters}}}""");
        while (await _process.StandardOutput.ReadLineAsync().WaitAsync(s_patience) is { } line)
        {
            if (JsonNode.Parse(line)! is var message && (int?)message["id"] == id)
                return message["result"] ?? throw new InvalidOperationException(line);
        }
        throw new InvalidOperationException("codex app-server ended without an answer");
    }

    private async Task WriteAsync(string line)
    {
        await _process.StandardInput.WriteAsync(line + "\n");
        await _process.StandardInput.FlushAsync();
    }
}
