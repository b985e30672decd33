using System.Collections.Concurrent;
using System.Diagnostics;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>The test server as a process that is not ours to manage: remote, as far as a backend is concerned.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    // Starting one takes longer than most tests. It ends with our end of its stdin.
    private static readonly ConcurrentDictionary<string, Lazy<Task<ServerProcess>>> s_shared = [];

    private readonly Process _process;

    private ServerProcess(Process process, Uri url)
    {
        _process = process;
        Url = url;
    }

    public Uri Url { get; }

    /// <summary>One for all tests that need the same arguments and leave it whole.</summary>
    public static Task<ServerProcess> SharedAsync(string[] args) =>
        s_shared.GetOrAdd(string.Join(' ', args), _ => new(() => StartAsync(args))).Value;

    public static async Task<ServerProcess> StartAsync(string[] args)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [TestServer.Assembly, "--exit-on-eof", .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Waits.Long);
        return new ServerProcess(process, new Uri(line!["listening ".Length..]));
    }

    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Waits.Long);
        _process.Dispose();
    }
}
