using System.Buffers;
using System.Runtime.CompilerServices;
using Oktsec.Mcp.Polling;

namespace Oktsec.Mcp.Stdio;

/// <summary>Cuts a stream into lines and skips those over a cap without keeping them.</summary>
/// <remarks>
/// Written as callbacks and not as an await loop, to save a thread switch per call: the next read is started *before* the work that the last line
/// released runs on this thread. So that work may take its time (it is the rest of somebody's call) and yet nobody waits for it: the next data is
/// handled by another pool thread. Measured in docs/decisions/0401-child-pipes.md.
/// </remarks>
internal sealed class LineReader(Stream stream, int maxLine, ILineSink sink)
{
    /// <summary>Bytes of a long line that are shown to the sink at each end.</summary>
    public const int Glimpse = 512;

    // Most messages fit, and a thousand idle connections hold 4 MiB.
    private const int SmallBuffer = 4096;

    // From here on a line keeps the read buffer instead of being copied out of it.
    private const int LargeLine = 64 * 1024;

    // From here on a copy is pooled; below, a young object is cheaper than a pooled one that may never come back.
    private const int PooledLine = 4096;

    // Reads in a row on one thread: a stream that never runs dry must not keep it from those that wait for it.
    private const int MostReads = 16;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
    private int _start;
    private int _searched;
    private int _end;
    private bool _isSkipping;
    private ValueTask<int> _read;
    private Action? _onRead;

    public void Start()
    {
        _onRead = OnRead;
        if (!TryStartRead())
            OnRead();
    }

    private void OnRead()
    {
        try
        {
            for (var reads = 1; TakeRead(); reads++)
            {
                HandOutLines();
                MakeRoom();
                var deferred = sink.TakeDeferred();
                if (TryStartRead())
                {
                    deferred?.Execute();
                    return;
                }
                if (deferred is not null)
                    PollWorker.Continue(deferred);
                if (reads < MostReads)
                    continue;
                ThreadPool.UnsafeQueueUserWorkItem(static reader => reader.OnRead(), this, preferLocal: false);
                return;
            }
            End(null);
        }
        catch (Exception e)
        {
            // The door of this thread: what escapes from here ends the program, and with it every other connection.
            End(e);
        }
    }

    private bool TakeRead()
    {
        var count = _read.GetAwaiter().GetResult();
        _end += count;
        return count > 0;
    }

    /// <returns>Whether <see cref="OnRead"/> will be called; false when the data is there already.</returns>
    private bool TryStartRead()
    {
        try
        {
            _read = stream.ReadAsync(_buffer.AsMemory(_end));
        }
        catch (ObjectDisposedException e)
        {
            _read = ValueTask.FromException<int>(e);
        }
        ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter awaiter = _read.ConfigureAwait(false).GetAwaiter();
        if (awaiter.IsCompleted)
            return false;
        awaiter.UnsafeOnCompleted(_onRead!);
        return true;
    }

    private void End(Exception? error)
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        sink.OnEnd(error);
    }

    private void HandOutLines()
    {
        while (true)
        {
            var newline = _buffer.AsSpan(_searched.._end).IndexOf((byte)'\n');
            if (newline < 0)
            {
                _searched = _end;
                return;
            }
            var line = new Range(_start, _searched + newline);
            _start = _searched = _searched + newline + 1;
            if (_isSkipping)
                EndLongLine(line);
            else
                HandOut(line);
        }
    }

    private void HandOut(Range range)
    {
        var line = _buffer.AsMemory(range);
        if (line.Length > 0 && line.Span[^1] == '\r')
            line = line[..^1];
        if (line.Length == 0)
            return;
        if (line.Length > maxLine)
        {
            sink.OnLongLine(line.Span[..Math.Min(Glimpse, line.Length)]);
            sink.OnLongLineEnd(line.Span[^Math.Min(Glimpse, line.Length)..]);
        }
        else if (line.Length >= LargeLine)
        {
            var rented = _buffer;
            ReplaceBuffer(SmallBuffer);
            sink.OnLine(line, rented);
        }
        else if (line.Length >= PooledLine)
        {
            var copy = ArrayPool<byte>.Shared.Rent(line.Length);
            line.CopyTo(copy);
            sink.OnLine(copy.AsMemory(0, line.Length), copy);
        }
        else
        {
            sink.OnLine(line.ToArray(), null);
        }
    }

    private void EndLongLine(Range range)
    {
        var tail = _buffer.AsSpan(range).TrimEnd((byte)'\r');
        _isSkipping = false;
        sink.OnLongLineEnd(tail[^Math.Min(Glimpse, tail.Length)..]);
    }

    private void MakeRoom()
    {
        var kept = _end - _start;
        if (!_isSkipping && kept > maxLine + 1) // the last byte may be a carriage return
        {
            sink.OnLongLine(_buffer.AsSpan(_start, Math.Min(Glimpse, kept)));
            _isSkipping = true;
        }
        if (_isSkipping)
        {
            _start += Math.Max(0, kept - Glimpse);
            kept = _end - _start;
        }
        if (kept <= SmallBuffer / 2 && _buffer.Length > LargeLine)
            GiveBackBuffer(SmallBuffer);
        else if (_end == _buffer.Length && kept > _buffer.Length / 2)
            GiveBackBuffer(_buffer.Length * 2);
        else if (kept == 0 || _end == _buffer.Length)
            Compact(_buffer);
    }

    private void GiveBackBuffer(int size)
    {
        var old = _buffer;
        ReplaceBuffer(size);
        ArrayPool<byte>.Shared.Return(old);
    }

    private void ReplaceBuffer(int size) => Compact(ArrayPool<byte>.Shared.Rent(Math.Max(size, _end - _start)));

    private void Compact(byte[] target)
    {
        _buffer.AsSpan(_start.._end).CopyTo(target);
        _buffer = target;
        _searched -= _start;
        _end -= _start;
        _start = 0;
    }
}
