using System.Threading.Tasks.Sources;
using Oktsec.Core.Audit;
using Oktsec.Mcp.Polling;

namespace Oktsec.Storage;

/// <summary>Something to write, and the promise to whoever waits for it.</summary>
internal abstract class Write<TConnection> : IValueTaskSource, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = false };
    private Exception? _failure;

    public ValueTask Completion => new(this, _source.Version);

    /// <summary>Why this write alone failed while its batch was committed: a duplicate id, an outcome without an entry.</summary>
    public AuditUnavailableException? Refusal { get; set; }

    /// <summary>Whether it writes a record of a call and nothing else, so that whatever else was read before still holds.</summary>
    public virtual bool IsRecord => false;

    /// <summary>Runs inside the batch's transaction.</summary>
    public abstract void Execute(TConnection connection);

    /// <summary>It was committed, or was not.</summary>
    /// <param name="failure">Why not.</param>
    /// <param name="isWaitedFor">Whether somebody's call goes on from here; the committing thread then does so after what it is doing.</param>
    public void Complete(Exception? failure, bool isWaitedFor)
    {
        _failure = failure ?? Refusal;
        if (isWaitedFor)
            PollWorker.Continue(this);
        else
            Execute();
    }

    /// <summary>Tells who waits.</summary>
    public void Execute()
    {
        if (_failure is not null)
            _source.SetException(_failure);
        else
            _source.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
