using System.Diagnostics;
using System.Text.Json.Nodes;
using Oktsec.Tests.Peers;

namespace Oktsec.Tests.Conformance;

/// <summary>The scripts of <c>tests/conformance/walk</c>: servers, and clients that read what to do as JSON and print as JSON what they got.</summary>
internal static class WalkScript
{
    public static string Path(string name) => System.IO.Path.Combine(ConformanceSuite.Folder, "walk", name);

    /// <summary>Starts a server on a free port.</summary>
    public static Task<ListeningProcess> ListenAsync(string name, string how) => ListeningProcess.StartAsync(
        port =>
        {
            var start = ConformanceSuite.Script(System.IO.Path.Combine("walk", name), how);
            start.Environment["PORT"] = $"{port}";
            return start;
        },
        ready: "listening on port");

    /// <summary>Runs a client to its end; what it printed.</summary>
    public static async Task<string> RunAsync(string name, JsonObject input)
    {
        var start = ConformanceSuite.Script(System.IO.Path.Combine("walk", name));
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input.ToJsonString());
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5)); // a hundred times what it takes; a step by itself gives up after one
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
        }
        var text = await output;
        Assert.True(text.Length > 0, $"{name} printed nothing; it said:\n{await errors}");
        return text;
    }
}
