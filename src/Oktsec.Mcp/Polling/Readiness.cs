using System.Threading.Tasks.Sources;

namespace Oktsec.Mcp.Polling;

/// <summary>One direction of a descriptor: somebody waits until it is ready, or it became ready and nobody has looked yet. One waiter at a time.</summary>
internal sealed class Readiness : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Quiet = 0;
    private const int Ready = 1;
    private const int Awaited = 2;

    // The waiter continues on the thread that saw the event: that is what the poller is for.
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = false };
    private int _state;

    /// <summary>Completes at the next event; at once when there was one since the last wait.</summary>
    public ValueTask WaitAsync()
    {
        _source.Reset();
        if (Interlocked.CompareExchange(ref _state, Awaited, Quiet) == Quiet)
            return new ValueTask(this, _source.Version);
        Interlocked.Exchange(ref _state, Quiet); // seen by everyone before the descriptor is looked at again
        return ValueTask.CompletedTask;
    }

    /// <summary>An event: its waiter goes on, on this thread.</summary>
    public void Signal()
    {
        if (IsAwaited())
            _source.SetResult(true);
    }

    /// <summary>The same from a thread that has something else to do.</summary>
    public void SignalElsewhere()
    {
        if (IsAwaited())
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Execute() => _source.SetResult(true);

    private bool IsAwaited() =>
        Interlocked.CompareExchange(ref _state, Ready, Quiet) != Quiet && Interlocked.CompareExchange(ref _state, Quiet, Awaited) == Awaited;

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
