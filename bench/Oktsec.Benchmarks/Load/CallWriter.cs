using System.Buffers.Text;
using System.Text;

namespace Oktsec.Benchmarks.Load;

/// <summary>Writes one connection's requests into one buffer, each with its own id and marker.</summary>
internal sealed class CallWriter
{
    private readonly Payload _payload;
    private readonly byte[] _buffer;
    private readonly int _argumentsAt;
    private int _variant;
    private long _id;

    // "id" is padded to a fixed width (leading digit 1), so that every request has the same length.
    private const int IdAt = 23; // behind {"jsonrpc":"2.0","id":1
    private const int IdDigits = 8;

    /// <param name="members">Raw members of <c>params</c> that go before the others, with a comma behind them.</param>
    public CallWriter(Payload payload, int connection, string members = "")
    {
        _payload = payload;
        _variant = connection;
        var before = Encoding.UTF8.GetBytes(
            $"{{\"jsonrpc\":\"2.0\",\"id\":100000000,\"method\":\"tools/call\",\"params\":{{{members}\"name\":\"{payload.Tool}\",\"arguments\":");
        _argumentsAt = before.Length;
        _buffer = new byte[before.Length + payload.Arguments.Max(a => a.Length) + 3];
        before.CopyTo(_buffer, 0);
        // Markers of different connections differ in their first digits.
        _id = connection * 100_000L;
    }

    /// <summary>The eight digits that the answer must contain.</summary>
    public ReadOnlySpan<byte> Marker => _buffer.AsSpan(IdAt, IdDigits);

    /// <summary>The next request with its newline (which JSON allows at the end of an HTTP body too).</summary>
    public ReadOnlySpan<byte> Next()
    {
        var arguments = _payload.Arguments[_variant++ % _payload.Arguments.Length];
        arguments.CopyTo(_buffer, _argumentsAt);
        var end = _argumentsAt + arguments.Length;
        "}}\n"u8.CopyTo(_buffer.AsSpan(end));
        Utf8Formatter.TryFormat(_id++, _buffer.AsSpan(IdAt), out _, new System.Buffers.StandardFormat('D', IdDigits));
        Marker.CopyTo(_buffer.AsSpan(_argumentsAt + _payload.MarkerAt));
        return _buffer.AsSpan(0, end + 3);
    }
}
