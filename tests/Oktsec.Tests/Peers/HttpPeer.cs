using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Oktsec.Tests.Peers;

/// <summary>A server that listens on a port, in a process of its own that ends with this object.</summary>
internal sealed class HttpPeer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HttpPeer(Process process, PeerTarget target)
    {
        _process = process;
        Target = target;
        process.OutputDataReceived += OnLine;
        process.ErrorDataReceived += OnLine;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => _listening.TrySetException(new IOException("the server ended: " + Output));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public PeerTarget Target { get; }

    private string Output
    {
        get
        {
            lock (_output)
                return string.Join('\n', _output);
        }
    }

    /// <summary>The server takes its port from PORT and cannot choose one itself: a free one is found first, and found again when somebody else was faster.</summary>
    public static async Task<HttpPeer> StartAsync(string transport, string script, string mode, string path)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort();
            var start = new ProcessStartInfo("node", [script, mode])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["PORT"] = port.ToString() },
            };
            var peer = new HttpPeer(Process.Start(start)!, new PeerTarget(transport) { Url = new Uri($"http://localhost:{port}{path}") });
            try
            {
                await peer._listening.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
                return peer;
            }
            catch (IOException e) when (e.Message.Contains("EADDRINUSE", StringComparison.Ordinal) && attempt < 5)
            {
                await peer.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void OnLine(object sender, DataReceivedEventArgs e)
    {
        if (e.Data is null)
            return;
        lock (_output)
            _output.Add(e.Data);
        if (e.Data.Contains("listening on port", StringComparison.Ordinal) || e.Data.Contains("running on port", StringComparison.Ordinal))
            _listening.TrySetResult();
    }
}
