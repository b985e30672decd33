using System.Text;
using Oktsec.Mcp.Stdio;

namespace Oktsec.Mcp.Backends;

/// <summary>
/// A stream of events in which one over the cap is cut: its beginning and an event type that says so stand in its place, and the events behind it are found.
/// Where all calls of a connection are answered on one stream, one answer that is too large must not end the others.
/// </summary>
internal sealed class OversizedEvents(Stream inner, long cap) : OneWayStream(FileAccess.Read)
{
    /// <summary>The type of what stands in the place of such an event; no server can know it.</summary>
    public static readonly string Type = $"oktsec-too-large-{Guid.NewGuid():N}";

    // As much as tells whose answer it was: its first members, or its last.
    private const int HeadLength = 4096;
    private const int TailLength = 256;

    /// <summary>16 times the cap: an event that does not end even then has no end, and nothing behind it will ever be heard.</summary>
    private const int MostSkipped = 16;

    private static readonly byte[] s_mark = Encoding.ASCII.GetBytes($"\nevent: {Type}\ndata:\n\n");

    private readonly Queue<byte[]> _tails = new();
    private ReadOnlyMemory<byte> _pending; // goes out as it is
    private ReadOnlyMemory<byte> _rest; // was read and is still to be looked at
    private byte[] _tail = [];
    private long _length;
    private bool _isLineEmpty = true;
    private bool _wasReturn;
    private bool _isSkipping;

    /// <summary>The last bytes of the event that was cut, in the order of the events; false when none was.</summary>
    public bool TryTakeTail(out byte[] tail) => _tails.TryDequeue(out tail!);

    /// <exception cref="EventTooLargeException">An event does not end.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (!_pending.IsEmpty)
                return Move(ref _pending, buffer);
            var read = _rest.IsEmpty ? await inner.ReadAsync(buffer, cancellationToken) : Move(ref _rest, buffer);
            if (read == 0)
                return 0;
            if (Filter(buffer.Span[..read]) is > 0 and var kept)
                return kept;
        }
    }

    private static int Move(ref ReadOnlyMemory<byte> from, Memory<byte> to)
    {
        var count = Math.Min(from.Length, to.Length);
        from[..count].CopyTo(to);
        from = from[count..];
        return count;
    }

    // How many bytes at the front go on. What follows an event that was cut is put aside until the mark has gone out.
    private int Filter(Span<byte> bytes)
    {
        var kept = 0;
        for (var at = 0; at < bytes.Length;)
        {
            var line = bytes[at..].IndexOfAny((byte)'\n', (byte)'\r') is >= 0 and var end ? end : bytes.Length - at;
            if (line > 0)
            {
                kept += Text(bytes.Slice(at, line));
                at += line;
                continue;
            }
            var isEnd = EndsEvent(bytes[at]);
            if (_isSkipping)
                Remember(bytes.Slice(at, 1));
            else
                kept++;
            at++;
            if (!isEnd)
                continue;
            _length = 0;
            if (!_isSkipping)
                continue;
            _isSkipping = false;
            _tails.Enqueue(_tail);
            (_tail, _pending, _rest) = ([], s_mark, bytes[at..].ToArray());
            return kept;
        }
        return kept;
    }

    private int Text(ReadOnlySpan<byte> text)
    {
        (_isLineEmpty, _wasReturn) = (false, false);
        var before = _length;
        _length += text.Length;
        if (_isSkipping)
        {
            Remember(text);
            return _length <= cap * MostSkipped ? 0 : throw new EventTooLargeException();
        }
        if (_length <= cap)
            return text.Length;
        _isSkipping = true;
        Remember(text);
        return (int)Math.Clamp(HeadLength - before, 0, text.Length);
    }

    private bool EndsEvent(byte newline)
    {
        var isSecondHalf = newline == '\n' && _wasReturn;
        _wasReturn = newline == '\r';
        if (isSecondHalf)
            return false;
        var wasEmpty = _isLineEmpty;
        _isLineEmpty = true;
        return wasEmpty;
    }

    private void Remember(ReadOnlySpan<byte> bytes)
    {
        byte[] all = bytes.Length >= TailLength ? bytes[^TailLength..].ToArray() : [.. _tail, .. bytes];
        _tail = all.Length > TailLength ? all[^TailLength..] : all;
    }
}
