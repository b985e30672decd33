using System.Diagnostics;
using Oktsec.Benchmarks.Load;
using Oktsec.Benchmarks.Measure;

namespace Oktsec.Benchmarks.Contenders;

/// <summary>A way from a client to the echo server.</summary>
/// <param name="name">As the tables spell it.</param>
internal abstract class Contender(string name) : IDisposable
{
    public string Name { get; } = name;

    /// <summary>Opens a session, handshake included.</summary>
    public abstract IConnection Connect();

    /// <summary>CPU and memory of the product so far.</summary>
    public abstract ProcessTree Measure();

    public virtual void Dispose()
    {
    }

    /// <summary>This executable, which is also the echo server.</summary>
    protected static string EchoCommand => Environment.ProcessPath!;

    protected static string[] EchoArguments { get; } = ["echo-server"];
}

/// <summary>No product: each connection is a child process of the client, as stdio servers are.</summary>
internal sealed class DirectContender() : Contender("direct")
{
    public override IConnection Connect()
    {
        var connection = new StdioConnection(EchoCommand, EchoArguments);
        Handshake.Open(connection);
        return connection;
    }

    // The load generator is this process; its own time is reported apart.
    public override ProcessTree Measure() => ProcessTree.Of(Environment.ProcessId) with { Cpu = default, ResidentBytes = 0 };
}

/// <summary>A product that listens on a port and starts the echo server by itself.</summary>
internal sealed class ServerContender : Contender
{
    private readonly Process _process;
    private readonly int _port;
    private readonly bool _isStateless;
    private readonly Queue<string> _lastLines = new();

    /// <param name="start">Makes the command line that listens on the port.</param>
    /// <param name="isStateless">Agents speak 2026-07-28.</param>
    public ServerContender(string name, Func<int, ProcessStartInfo> start, bool isStateless = false) : base(name)
    {
        _isStateless = isStateless;
        _port = Ports.Free();
        var info = start(_port);
        info.RedirectStandardError = info.RedirectStandardOutput = info.RedirectStandardInput = true;
        _process = Process.Start(info)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        WaitUntilItAnswers();
    }

    public int ProcessId => _process.Id;

    public override IConnection Connect()
    {
        if (_isStateless)
        {
            var stateless = new StatelessConnection(_port);
            Handshake.Discover(stateless);
            return stateless;
        }
        var connection = new HttpConnection(_port);
        Handshake.Open(connection);
        return connection;
    }

    public override ProcessTree Measure() => ProcessTree.Of(_process.Id);

    public override void Dispose()
    {
        Signals.Terminate(_process);
        _process.Dispose();
    }

    private void WaitUntilItAnswers()
    {
        // 30 s: a cold Node start on a loaded machine takes 5.
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                Connect().Dispose();
                return;
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or InvalidDataException)
            {
                if (_process.HasExited || patience.Elapsed > TimeSpan.FromSeconds(30))
                    throw new InvalidOperationException($"{Name} does not answer: {e.Message}\n{string.Join('\n', _lastLines)}", e);
                Thread.Sleep(50);
            }
        }
    }

    private void Keep(string? line)
    {
        lock (_lastLines)
        {
            _lastLines.Enqueue(line ?? "");
            if (_lastLines.Count > 20)
                _lastLines.Dequeue();
        }
    }
}
