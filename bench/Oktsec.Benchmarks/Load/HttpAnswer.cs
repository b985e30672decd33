using System.Net.Sockets;
using System.Text;

namespace Oktsec.Benchmarks.Load;

/// <summary>Reads one HTTP/1.1 response: its head, then the first JSON-RPC response in it, be it a JSON body or an event of a stream.</summary>
/// <remarks>
/// The message counts as arrived when its last byte is here; what follows (the end of a chunked stream) is read by <see cref="Drain"/> before
/// the next request, outside the measured time, because a client does not wait for it either.
/// </remarks>
internal sealed class HttpAnswer(Socket socket)
{
    private readonly ChunkedBody _chunks = new();
    private byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;
    private int _length;
    private bool _chunked;
    private bool _drained = true;

    public int Status { get; private set; }

    public string Session { get; private set; } = "";

    private bool IsEventStream { get; set; }

    public void ReadHead()
    {
        int head;
        while ((head = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
            Receive();
        var text = Encoding.ASCII.GetString(_buffer, _start, head);
        _start += head + 4;
        Status = int.Parse(text.AsSpan(9, 3));
        _length = int.TryParse(Header(text, "content-length"), out var length) ? length : 0;
        _chunked = Header(text, "transfer-encoding").Contains("chunked", StringComparison.OrdinalIgnoreCase);
        IsEventStream = Header(text, "content-type").StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);
        Session = Header(text, "mcp-session-id").ToString();
        _drained = false;
        _chunks.Reset();
    }

    public ReadOnlySpan<byte> ReadMessage()
    {
        if (!_chunked)
            return IsEventStream ? EventStream.FirstResponse(ReadFixed()) : ReadFixed();
        while (true)
        {
            _start += _chunks.Append(_buffer.AsSpan(_start, _end - _start));
            var body = _chunks.Body;
            if (IsEventStream && EventStream.FirstResponse(body) is { IsEmpty: false } message)
                return message;
            if (_chunks.IsComplete)
                return IsEventStream ? throw new InvalidDataException("the stream ended without a response") : body;
            Receive();
        }
    }

    /// <summary>Reads what is left of the response.</summary>
    public void Drain()
    {
        if (_drained)
            return;
        if (!_chunked)
            ReadFixed();
        while (_chunked && !_chunks.IsComplete)
        {
            _start += _chunks.Append(_buffer.AsSpan(_start, _end - _start));
            if (!_chunks.IsComplete)
                Receive();
        }
        _drained = true;
    }

    private ReadOnlySpan<byte> ReadFixed()
    {
        while (_end - _start < _length)
            Receive();
        var body = _buffer.AsSpan(_start, _length);
        _start += _length;
        _length = 0;
        return body;
    }

    private void Receive()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            var target = _start > 0 ? _buffer : new byte[_buffer.Length * 2];
            _buffer.AsSpan(_start, _end - _start).CopyTo(target);
            (_buffer, _end, _start) = (target, _end - _start, 0);
        }
        var read = socket.Receive(_buffer.AsSpan(_end));
        _end += read > 0 ? read : throw new EndOfStreamException("the server closed the connection");
    }

    private static ReadOnlySpan<char> Header(string head, string name)
    {
        foreach (var line in head.AsSpan().EnumerateLines())
        {
            if (line.Length > name.Length && line[name.Length] == ':' && line.StartsWith(name, StringComparison.OrdinalIgnoreCase))
                return line[(name.Length + 1)..].Trim();
        }
        return "";
    }
}
