using System.Buffers;
using System.Buffers.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Stdio;

/// <summary>Writes one message per line to a stream, whole and in order, from any thread.</summary>
/// <remarks>
/// Who finds the stream free writes on its own thread; what others add meanwhile goes out with the next write. At most
/// <see cref="MaxWaiting"/> bytes wait, then writers do.
/// </remarks>
internal sealed class LineWriter(Stream stream, Action<Exception> onFailed)
{
    // 4 MiB: one message of the largest size that an agent may send.
    private const int MaxWaiting = 4 * 1024 * 1024;

    private const int SmallBuffer = 256;

    // Larger buffers are not kept by an idle connection.
    private const int MaxKept = 64 * 1024;

    // Writes that one caller does for others before it gets its thread back.
    private const int Turn = 16;

    // Both are line ends to some reader, and in JSON both are only ever white space between tokens: a message that keeps one would arrive as
    // two, the second of the sender's choice.
    private static readonly SearchValues<byte> s_lineEnds = SearchValues.Create("\r\n"u8);

    private readonly Lock _lock = new();
    private Lines _waiting = new();
    private Lines _writing = new();
    private TaskCompletionSource? _room;
    private Exception? _failure;
    private bool _busy;
    private long _accepted;
    private long _handedOver;

    /// <summary>Whether bytes from the position on (see <see cref="TryWrite"/>) may have left us.</summary>
    public bool WasHandedOver(long position)
    {
        lock (_lock)
            return position < _handedOver;
    }

    /// <summary>Accepts a message, with its id replaced when <paramref name="newId"/> is given.</summary>
    /// <param name="room">When there was no room: completes when it is worth trying again.</param>
    /// <returns>The message's position in the stream when it was accepted: it is written, or will be. Null when there was no room.</returns>
    /// <exception cref="IOException">The stream is broken; the message was not accepted.</exception>
    public long? TryWrite(ReadOnlySpan<byte> message, ByteRange id, long? newId, out Task room)
    {
        room = Task.CompletedTask;
        long position;
        lock (_lock)
        {
            if (_failure is not null)
                throw new IOException("the stream is broken", _failure);
            if (_waiting.Count > 0 && _waiting.Count + message.Length > MaxWaiting)
            {
                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
                return null;
            }
            position = _accepted;
            _accepted += Append(message, id, newId);
            if (_busy)
                return position;
            _busy = true;
        }
        _ = FlushAsync();
        return position;
    }

    private int Append(ReadOnlySpan<byte> message, ByteRange id, long? newId)
    {
        const int digits = 20; // of the longest long, with its sign
        var line = _waiting.Room(message.Length + digits + 1);
        int length;
        if (newId is { } number)
        {
            message[..id.Start].CopyTo(line);
            Utf8Formatter.TryFormat(number, line[id.Start..], out var idLength);
            message[id.End..].CopyTo(line[(id.Start + idLength)..]);
            length = message.Length - id.Length + idLength;
        }
        else
        {
            message.CopyTo(line);
            length = message.Length;
        }
        line[..length].ReplaceAny(s_lineEnds, (byte)' ');
        line[length++] = (byte)'\n';
        _waiting.Count += length;
        return length;
    }

    private async Task FlushAsync()
    {
        for (var turn = 1; ; turn++)
        {
            TaskCompletionSource? room;
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _busy = false;
                    return;
                }
                (_waiting, _writing) = (_writing, _waiting);
                _handedOver = _accepted;
                (room, _room) = (_room, null);
            }
            room?.SetResult();
            if (turn % Turn == 0)
                await Task.Yield();
            try
            {
                await stream.WriteAsync(_writing.Written);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
            {
                Fail(e);
                return;
            }
            _writing.Clear();
        }
    }

    private void Fail(Exception failure)
    {
        TaskCompletionSource? room;
        lock (_lock)
        {
            _failure = failure;
            (room, _room) = (_room, null);
        }
        room?.SetResult(); // who waits tries again and learns of the failure
        onFailed(failure);
    }

    /// <summary>Lines in a pooled array. After a failure the array is left to the collector: a write that was given up may still read it.</summary>
    private sealed class Lines
    {
        private byte[] _bytes = [];

        public int Count { get; set; }

        public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Count);

        /// <summary>Behind what is there.</summary>
        public Span<byte> Room(int size)
        {
            if (_bytes.Length - Count < size)
            {
                var larger = ArrayPool<byte>.Shared.Rent(Math.Max(SmallBuffer, Count + size));
                Written.CopyTo(larger);
                GiveBack();
                _bytes = larger;
            }
            return _bytes.AsSpan(Count);
        }

        public void Clear()
        {
            Count = 0;
            if (_bytes.Length <= MaxKept)
                return;
            GiveBack();
            _bytes = [];
        }

        private void GiveBack()
        {
            if (_bytes.Length > 0)
                ArrayPool<byte>.Shared.Return(_bytes);
        }
    }
}
