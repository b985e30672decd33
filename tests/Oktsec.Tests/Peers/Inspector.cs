using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

/// <summary>MCP Inspector's command line: one process per question.</summary>
internal static class Inspector
{
    public static async Task<JsonNode> AskAsync(PeerTarget target, string method, params string[] more)
    {
        var script = PeerPaths.Script("@modelcontextprotocol/inspector", "clients/launcher/build/index.js");
        string[] where = target.Url is { } url
            ? [url.ToString(), "--transport", "http", .. target.Headers.SelectMany(h => new[] { "--header", $"{h.Key}: {h.Value}" })]
            : [target.Command, .. target.Args];
        var start = new ProcessStartInfo("node", [script, "--cli", .. where, "--method", method, "--connect-timeout", "180000", .. more])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        // It ends with 1 for a result with isError, and still prints the result.
        return output.Length > 0
            ? JsonNode.Parse(output)!
            : new JsonObject { ["exit"] = process.ExitCode, ["said"] = await errors };
    }
}
