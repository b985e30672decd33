namespace Oktsec.Commands.Scan;

/// <summary>Reads a stream line by line, as bytes, without a copy per line.</summary>
internal sealed class RecordLines(Stream input, Action beforeRead)
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _isLast;

    /// <summary>From 1.</summary>
    public int Number { get; private set; }

    /// <summary>The next line without its end; valid until the next call. False at the end.</summary>
    public bool TryNext(out ReadOnlySpan<byte> line)
    {
        var searched = 0;
        while (true)
        {
            var length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0 || (_isLast && _end > _start))
            {
                length = length >= 0 ? length + searched : _end - _start;
                line = _buffer.AsSpan(_start, length).TrimEnd((byte)'\r');
                _start = Math.Min(_end, _start + length + 1);
                Number++;
                return true;
            }
            searched = _end - _start;
            if (_isLast)
            {
                line = default;
                return false;
            }
            Fill();
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        // Whoever writes a record and waits for its verdict gets it.
        beforeRead();
        var read = input.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _isLast = read == 0;
    }
}
