using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Oktsec.Mcp.Stdio;

namespace Oktsec.Tests.Peers;

/// <summary>A program that listens on a port given to it, ready when it says so, ended with this object.</summary>
internal sealed class ListeningProcess : IAsyncDisposable
{
    // 60 s: a hundred times the usual; a loaded machine must not fail a test.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _ready;
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ListeningProcess(ProcessStartInfo start, int port, string ready)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        _ready = ready;
        Port = port;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += OnLine;
        _process.ErrorDataReceived += OnLine;
        _process.Exited += (_, _) => _listening.TrySetException(new IOException($"{start.FileName} ended before it listened"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _process.StandardInput.Close();
    }

    public int Port { get; }

    /// <summary>Everything it printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return string.Join('\n', _output);
        }
    }

    /// <summary>Such programs cannot choose a port themselves: a free one is found first, and another when somebody else was faster.</summary>
    /// <param name="ready">What its output contains once it listens.</param>
    /// <param name="at">The port of one that has ended, which it takes the place of.</param>
    public static async Task<ListeningProcess> StartAsync(Func<int, ProcessStartInfo> command, string ready, int? at = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = at ?? FreePort();
            var process = new ListeningProcess(command(port), port, ready);
            try
            {
                await process._listening.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
                return process;
            }
            catch (Exception e) when (e is IOException or TimeoutException)
            {
                await process.DisposeAsync();
                var taken = process.Output.Contains("in use", StringComparison.Ordinal) || process.Output.Contains("could not bind", StringComparison.Ordinal);
                if (!taken || attempt == 5)
                    throw new IOException($"{e.Message}; it said:\n{process.Output}", e);
            }
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Asks it to end (SIGTERM); done when everything it started has let go of its output too.</summary>
    public Task EndAsync()
    {
        _ = Posix.kill(_process.Id, Posix.SigTerm);
        return WaitForExitAsync();
    }

    public Task WaitForExitAsync() => _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void OnLine(object sender, DataReceivedEventArgs e)
    {
        if (e.Data is null)
            return;
        lock (_output)
            _output.Add(e.Data);
        if (e.Data.Contains(_ready, StringComparison.Ordinal))
            _listening.TrySetResult();
    }
}
