using System.Buffers;
using System.Diagnostics;
using Oktsec.Benchmarks.Load;

namespace Oktsec.Benchmarks.Echo;

/// <summary>A stdio MCP server that costs next to nothing: one thread, blocking pipes, answers spliced from the request's own bytes.</summary>
/// <remarks>It says on stderr at its end how many calls it answered and what CPU that took, start-up included.</remarks>
internal sealed class EchoServer(Stream input, Stream output)
{
    private readonly ArrayBufferWriter<byte> _answer = new(128 * 1024);
    private byte[]? _report;
    private long _calls;

    public static int Run()
    {
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();
        var server = new EchoServer(input, output);
        server.Serve();
        using var self = Process.GetCurrentProcess();
        Console.Error.WriteLine($"echo-server: {server._calls} calls, {self.TotalProcessorTime.TotalMilliseconds:F0} ms CPU");
        return 0;
    }

    private void Serve()
    {
        var lines = new LineReader(input);
        for (var line = lines.Next(); !line.IsEmpty; line = lines.Next())
        {
            var request = EchoRequest.Read(line.Span);
            if (request.Id.IsEmpty)
                continue; // a notification
            _answer.ResetWrittenCount();
            Write("{\"jsonrpc\":\"2.0\",\"id\":"u8);
            Write(request.Id);
            Answer(request);
            Write("}\n"u8);
            output.Write(_answer.WrittenSpan);
        }
    }

    private void Answer(EchoRequest request)
    {
        if (request.Method.SequenceEqual("\"tools/call\""u8))
            Call(request);
        else if (request.Method.SequenceEqual("\"initialize\""u8))
            Initialize(request);
        else if (request.Method.SequenceEqual("\"tools/list\""u8))
            Write(Tools);
        else if (request.Method.SequenceEqual("\"ping\""u8))
            Write(",\"result\":{}"u8);
        else
            Write(",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}"u8);
    }

    private void Initialize(EchoRequest request)
    {
        Write(",\"result\":{\"protocolVersion\":"u8);
        Write(request.ProtocolVersion);
        Write(",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"echo\",\"version\":\"1.0.0\"}}"u8);
    }

    private void Call(EchoRequest request)
    {
        _calls++;
        Write(",\"result\":{\"content\":[{\"type\":\"text\",\"text\":"u8);
        if (request.Name.SequenceEqual("\"read_report\""u8))
            Write(Report(request.Marker));
        else
            Write(request.Text);
        Write("}]}"u8);
    }

    /// <summary>About 1 MB of text that begins with the caller's marker: no two answers are the same, so nothing can be answered from a cache.</summary>
    private ReadOnlySpan<byte> Report(ReadOnlySpan<byte> marker)
    {
        _report ??= Payloads.JsonText(seed: 7, length: 1_000_000);
        marker[1..^1].CopyTo(_report.AsSpan(1));
        return _report;
    }

    private void Write(ReadOnlySpan<byte> bytes) => _answer.Write(bytes);

    private static ReadOnlySpan<byte> Tools =>
        ",\"result\":{\"tools\":["u8 +
        "{\"name\":\"write_note\",\"description\":\"Writes a note and returns what was written.\",\"inputSchema\":{\"type\":\"object\","u8 +
        "\"properties\":{\"path\":{\"type\":\"string\"},\"text\":{\"type\":\"string\"}},\"required\":[\"path\",\"text\"]}},"u8 +
        "{\"name\":\"read_report\",\"description\":\"Returns the latest report of a project.\",\"inputSchema\":{\"type\":\"object\","u8 +
        "\"properties\":{\"project\":{\"type\":\"string\"},\"marker\":{\"type\":\"string\"}},\"required\":[\"project\",\"marker\"]}}]}"u8;
}
