namespace Oktsec.Benchmarks.Echo;

/// <summary>Reads newline-delimited messages with blocking reads: the cheapest way there is to wait for one pipe.</summary>
internal sealed class LineReader(Stream input)
{
    // 64 KiB: the capacity of a pipe on Linux (pipe(7)); more cannot arrive in one read.
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next line without its newline, valid until the next call; empty at the end of the input.</summary>
    public ReadOnlyMemory<byte> Next()
    {
        var searched = _start;
        while (true)
        {
            var newline = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                var line = _buffer.AsMemory(_start, searched + newline - _start);
                _start = searched + newline + 1;
                return line;
            }
            MakeRoom();
            searched = _end;
            var read = input.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
                return default;
            _end += read;
        }
    }

    /// <summary>Moves the unread bytes to the front, and doubles the buffer when they fill it.</summary>
    private void MakeRoom()
    {
        if (_end < _buffer.Length)
        {
            if (_start != _end)
                return;
            _start = _end = 0;
            return;
        }
        var target = _end - _start > _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
        _buffer.AsSpan(_start, _end - _start).CopyTo(target);
        _end -= _start;
        _start = 0;
        _buffer = target;
    }
}
