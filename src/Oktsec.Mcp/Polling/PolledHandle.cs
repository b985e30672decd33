using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Oktsec.Mcp.Polling;

/// <summary>A non-blocking descriptor (socket or pipe) whose owner waits for it on the poller's threads. One reader and one writer at a time.</summary>
internal sealed class PolledHandle : IDisposable
{
    private readonly SafeHandle _handle;
    private readonly IDisposable _owner;
    private readonly Poller _poller;
    private readonly Readiness _readable = new();
    private readonly Readiness _writable = new();
    private readonly Action? _onHangUp;
    private bool _isDrained = true; // the first event comes right after it is added
    private volatile bool _isHungUp;
    private int _hungUpSaid;
    private int _isClosed;

    /// <param name="handle">Ours from here on. It must be non-blocking.</param>
    /// <param name="onHangUp">The other side said its last word, or is gone; what it sent before can still be read. Called once, must not block.</param>
    /// <param name="poller">Who waits for it; the one of the process unless a test says otherwise.</param>
    /// <param name="owner">What closes it, when that is not the handle: a socket whose handle is disposed is reset, and takes back what was sent last.</param>
    public PolledHandle(SafeHandle handle, Action? onHangUp = null, Poller? poller = null, IDisposable? owner = null)
    {
        _handle = handle;
        _owner = owner ?? handle;
        _onHangUp = onHangUp;
        _poller = poller ?? Poller.Shared;
        Id = _poller.Add(this, handle);
    }

    public long Id { get; }

    /// <summary>Reads what is there, waiting for it when there is nothing; 0 at the end, ours included. With an empty buffer it only waits.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        // A short read has emptied the descriptor: the next event says when there is more, and the call that would find nothing is saved.
        var isWorthTrying = !_isDrained || _isHungUp;
        return isWorthTrying && buffer.IsEmpty ? new(0)
            : isWorthTrying && TryRead(buffer.Span) is var count and >= 0 ? new(count)
            : WaitAndReadAsync(buffer, cancel);
    }

    /// <summary>Writes all of it.</summary>
    /// <exception cref="IOException">Nobody reads any more.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        var written = TryWrite(bytes.Span);
        return written == bytes.Length ? ValueTask.CompletedTask : WriteRestAsync(bytes[written..], cancel);
    }

    /// <summary>Writes as much as there is room for now.</summary>
    /// <exception cref="IOException">Nobody reads any more.</exception>
    public unsafe int TryWrite(ReadOnlySpan<byte> bytes)
    {
        var written = 0;
        fixed (byte* start = bytes)
        {
            while (written < bytes.Length)
            {
                var count = (int)Epoll.write(_handle, start + written, bytes.Length - written);
                if (count >= 0)
                    written += count;
                else if (!MayTryAgain(out var isForRoom))
                    throw Failure();
                else if (isForRoom)
                    break;
            }
        }
        return written;
    }

    /// <summary>Completes when writing is worth trying again.</summary>
    public ValueTask WritableAsync() => _writable.WaitAsync();

    /// <summary>Lets whoever waits for room look again.</summary>
    public void WakeWriter() => _writable.SignalElsewhere();

    /// <summary>Closes it: who reads comes to the end, who writes gets an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
            return;
        _poller.Remove(this, _handle);
        _owner.Dispose();
        _isHungUp = true;
        _readable.SignalElsewhere();
        _writable.SignalElsewhere();
    }

    /// <summary>Called by the poller, on a thread that goes on with whoever waited. An event that was for nothing does no harm.</summary>
    public void OnEvent(uint mask)
    {
        var isHangUp = (mask & (Epoll.HangUp | Epoll.ReadHangUp | Epoll.Error)) != 0;
        if (isHangUp)
            _isHungUp = true; // before the signal: no event follows that would say so again
        if ((mask & (Epoll.Out | Epoll.Error | Epoll.HangUp)) != 0)
            _writable.Signal();
        if (isHangUp || (mask & Epoll.In) != 0)
            _readable.Signal();
        if (isHangUp && _onHangUp is not null && Interlocked.Exchange(ref _hungUpSaid, 1) == 0)
            _onHangUp();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAndReadAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        using var registration = cancel.UnsafeRegister(static handle => ((PolledHandle)handle!)._readable.SignalElsewhere(), this);
        while (true)
        {
            await _readable.WaitAsync().ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            _isDrained = false;
            if (buffer.IsEmpty)
                return 0;
            if (TryRead(buffer.Span) is var count and >= 0)
                return count;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteRestAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        using var registration = cancel.UnsafeRegister(static handle => ((PolledHandle)handle!).WakeWriter(), this);
        while (!bytes.IsEmpty)
        {
            await _writable.WaitAsync().ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            bytes = bytes[TryWrite(bytes.Span)..];
        }
    }

    /// <returns>Less than 0 when there is nothing to read.</returns>
    private int TryRead(Span<byte> buffer)
    {
        while (true)
        {
            var count = Read(buffer);
            var isAfterEvent = false;
            if (count < 0 && !MayTryAgain(out isAfterEvent))
                throw Failure();
            if (count < 0 && !isAfterEvent)
                continue;
            _isDrained = count < buffer.Length;
            return count;
        }
    }

    private unsafe int Read(Span<byte> buffer)
    {
        try
        {
            fixed (byte* start = buffer)
                return (int)Epoll.read(_handle, start, buffer.Length);
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }

    // Interrupted by a signal: at once. Nothing there, or no room: after the next event.
    private static bool MayTryAgain(out bool isAfterEvent)
    {
        var error = Marshal.GetLastPInvokeError();
        isAfterEvent = error == Epoll.WouldBlock;
        return isAfterEvent || error == Epoll.Interrupted;
    }

    private static IOException Failure() => new(new Win32Exception(Marshal.GetLastPInvokeError()).Message);
}
