using System.Diagnostics;
using Oktsec.Tests.Gateway;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.StdioProxy;

/// <summary>The scripted server over HTTP, as a process of its own. It ends with this object, or with us.</summary>
internal sealed class RemoteServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5); // a hang must end as a failure

    private readonly Process _process;

    private RemoteServerProcess(Process process, Uri url) => (_process, Url) = (process, url);

    public Uri Url { get; }

    public static async Task<RemoteServerProcess> StartAsync(TempFolder folder, params string[] more)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [
            TestGateway.ServerDll, "--http", "--exit-on-eof", "--received", folder["tester.received"], "--http-log", folder["http.log"], .. more])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(s_patience);
        return new RemoteServerProcess(process, new Uri(line!["listening ".Length..]));
    }

    public static async Task<ProxyProcess> StartWithBridgeAsync(string options, string path, string? yaml = null, string agent = "tester", params string[] more)
    {
        var folder = new TempFolder();
        var server = await StartAsync(folder, [.. more, "--received", folder[agent + ".received"]]);
        var bridge = ProxyProcess.StartBridge(options, new Uri(server.Url, path), yaml, folder, agent);
        bridge.Server = new Both(server, folder);
        return bridge;
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(s_patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private sealed class Both(RemoteServerProcess server, TempFolder folder) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await server.DisposeAsync();
            folder.Dispose();
        }
    }
}
