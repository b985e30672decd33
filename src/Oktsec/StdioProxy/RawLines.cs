using System.Buffers;

namespace Oktsec.StdioProxy;

/// <summary>Cuts a stream into lines and loses nothing of it: line ends, empty lines, a last line without end, lines over the cap in pieces.</summary>
/// <remarks>One reader, one buffer: a line is handled before the next one is read, which is what keeps messages in order.</remarks>
internal sealed class RawLines(Stream stream, int maxLine) : IDisposable
{
    // Most messages fit; an idle proxy holds two of these.
    private const int SmallBuffer = 4096;

    // From here on a buffer is given back once it is empty.
    private const int LargeBuffer = 64 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
    private int _start;
    private int _searched;
    private int _end;
    private bool _isLong;
    private bool _isOver;

    /// <summary>The next piece; <see cref="RawKind.End"/> at the end, again and again.</summary>
    /// <exception cref="IOException">The stream is broken.</exception>
    public async ValueTask<RawLine> NextAsync(CancellationToken cancel)
    {
        while (true)
        {
            var newline = _buffer.AsSpan(_searched.._end).IndexOf((byte)'\n');
            if (newline >= 0)
                return Take(_searched + newline + 1, isWhole: true);
            _searched = _end;
            if (_end - _start > maxLine + 2) // its end may be CRLF
                return Take(_end, isWhole: false);
            if (_isOver)
                return _end > _start || _isLong ? Take(_end, isWhole: true) : new RawLine(RawKind.End, default);
            MakeRoom();
            var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancel);
            _end += count;
            _isOver = count == 0;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _searched = _end = 0;
    }

    private RawLine Take(int end, bool isWhole)
    {
        var line = new RawLine(RawKind.Line, _buffer.AsMemory(_start..end));
        _start = _searched = end;
        var isLong = _isLong || !isWhole || line.Body.Length > maxLine;
        _isLong = !isWhole;
        return line with { Kind = !isLong ? RawKind.Line : isWhole ? RawKind.LongEnd : RawKind.LongPart };
    }

    private void MakeRoom()
    {
        var kept = _end - _start;
        if (kept == 0 && _buffer.Length > LargeBuffer)
            Replace(SmallBuffer);
        else if (kept == 0)
            _start = _searched = _end = 0;
        else if (_end == _buffer.Length)
            Replace(kept > _buffer.Length / 2 ? _buffer.Length * 2 : _buffer.Length);
    }

    private void Replace(int size)
    {
        var next = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(_start.._end).CopyTo(next);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = next;
        _end -= _start;
        _searched -= _start;
        _start = 0;
    }
}
