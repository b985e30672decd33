using System.Diagnostics;
using Oktsec.Benchmarks.Echo;

namespace Oktsec.Benchmarks.Load;

/// <summary>The echo server as a child process, spoken to over its pipes: what every contender is compared with.</summary>
internal sealed class StdioConnection : IConnection
{
    private readonly Process _child;
    private readonly Stream _input;
    private readonly LineReader _lines;

    public StdioConnection(string command, IEnumerable<string> arguments) : this(new ProcessStartInfo(command, arguments))
    {
    }

    public StdioConnection(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _child = Process.Start(start)!;
        _child.BeginErrorReadLine();
        _input = _child.StandardInput.BaseStream;
        _lines = new LineReader(_child.StandardOutput.BaseStream);
    }

    public ReadOnlySpan<byte> Call(ReadOnlySpan<byte> request)
    {
        Notify(request);
        var line = _lines.Next();
        return line.IsEmpty ? throw new EndOfStreamException("the echo server ended") : line.Span;
    }

    public void Notify(ReadOnlySpan<byte> notification)
    {
        _input.Write(notification);
        _input.Flush();
    }

    public void Dispose()
    {
        _input.Dispose();
        if (!_child.WaitForExit(TimeSpan.FromSeconds(5)))
            _child.Kill();
        _child.Dispose();
    }
}
