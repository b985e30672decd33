using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Oktsec.Mcp.Polling;

namespace Oktsec.Hosting.Transport;

/// <summary>Collects an answer in one buffer and sends it in one call, as far as the socket has room; then the flush waits.</summary>
internal sealed class SocketWriter(PolledHandle handle, Action onBroken) : PipeWriter
{
    // An answer of 1 KB with its headers fits.
    private const int SmallBuffer = 4096;

    // A connection may be closed while a flush waits: its buffer must not go back to the pool under a write.
    private readonly Lock _sending = new();
    private byte[] _buffer = [];
    private int _sent;
    private int _count;
    private bool _isBroken;
    private bool _isCanceled;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _count - _sent;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(1, sizeHint));
        return _buffer.AsMemory(_count);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)(_buffer.Length - _count));
        _count += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return TrySend() ? new(new FlushResult(false, _isBroken)) : WaitAndSendAsync(cancellationToken);
    }

    public override void CancelPendingFlush()
    {
        _isCanceled = true;
        handle.WakeWriter();
    }

    public override void Complete(Exception? exception = null)
    {
        if (exception is null)
            TrySend();
        lock (_sending)
            Empty();
    }

    private bool TrySend()
    {
        lock (_sending)
            return SendSome();
    }

    private bool SendSome()
    {
        if (!_isBroken && _sent < _count)
        {
            try
            {
                _sent += handle.TryWrite(_buffer.AsSpan(_sent.._count));
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                _isBroken = true;
                onBroken();
            }
        }
        if (!_isBroken && _sent < _count)
            return false;
        Empty();
        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> WaitAndSendAsync(CancellationToken cancel)
    {
        using var registration = cancel.UnsafeRegister(static writer => ((SocketWriter)writer!).CancelPendingFlush(), this);
        do
        {
            await handle.WritableAsync().ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            if (_isCanceled)
            {
                _isCanceled = false;
                return new FlushResult(true, _isBroken);
            }
        }
        while (!TrySend());
        return new FlushResult(false, _isBroken);
    }

    private void MakeRoom(int size)
    {
        if (_buffer.Length - _count >= size)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(SmallBuffer, _count + Math.Max(size, _count)));
        _buffer.AsSpan(0, _count).CopyTo(larger);
        GiveBack();
        _buffer = larger;
    }

    private void Empty()
    {
        GiveBack();
        _buffer = [];
        _sent = _count = 0;
    }

    private void GiveBack()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
    }
}
