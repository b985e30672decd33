using System.Diagnostics;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>The test server as a process that is not ours to manage: remote, as far as a backend is concerned.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, Uri url)
    {
        _process = process;
        Url = url;
    }

    public Uri Url { get; }

    public static async Task<ServerProcess> StartAsync(string[] args)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [TestServer.Assembly, .. args])
        {
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
