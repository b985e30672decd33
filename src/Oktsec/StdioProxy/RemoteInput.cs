using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Remote;
using Oktsec.Mcp.Stdio;

namespace Oktsec.StdioProxy;

/// <summary>What goes to a remote server, as a stream like a child's stdin: each line is one message.</summary>
internal sealed class RemoteInput(RemoteServer server) : OneWayStream(FileAccess.Write)
{
    // Lines over limits.max_body_bytes come here only while observing, in pieces. One is kept whole to be sent: 64 MiB is twice the cap for results.
    private const int LongestLine = 64 * 1024 * 1024;

    private readonly LongLine _ends = new();
    private MemoryStream? _pieces;
    private bool _isTooLong;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var isEnd = buffer.Span.EndsWith("\n"u8);
        if (isEnd && _pieces is null)
        {
            await SendAsync(buffer);
            return;
        }
        _ends.Add(buffer.Span);
        _pieces ??= new MemoryStream();
        _isTooLong |= _pieces.Length + buffer.Length > LongestLine;
        if (!_isTooLong)
            _pieces.Write(buffer.Span);
        if (isEnd)
            await FinishAsync();
    }

    /// <summary>The client closed its end: what it said last may have no line end.</summary>
    public async ValueTask FinishAsync()
    {
        if (_pieces is not { } pieces)
            return;
        var (isTooLong, id) = (_isTooLong, _ends.TakeId());
        (_pieces, _isTooLong) = (null, false);
        if (isTooLong)
            await server.RefuseAsync(id, $"the message is larger than {LongestLine} bytes");
        else
            await SendAsync(pieces.GetBuffer().AsMemory(0, (int)pieces.Length));
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> line)
    {
        var body = new RawLine(RawKind.Line, line).Body;
        if (body.Span.IndexOfAnyExcept(" \t\r"u8) >= 0) // a blank line is no message
            await server.SendAsync(body);
    }
}
