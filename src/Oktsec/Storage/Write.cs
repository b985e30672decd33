using System.Threading.Tasks.Sources;
using Oktsec.Core.Audit;

namespace Oktsec.Storage;

/// <summary>Something to write, and the promise to whoever waits for it.</summary>
internal abstract class Write<TConnection> : IValueTaskSource
{
    // Asynchronously: the committing thread goes on to the next batch instead of running its waiters' calls.
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };

    public ValueTask Completion => new(this, _source.Version);

    /// <summary>Why this write alone failed while its batch was committed: a duplicate id, an outcome without an entry.</summary>
    public AuditUnavailableException? Refusal { get; set; }

    /// <summary>Runs inside the batch's transaction.</summary>
    public abstract void Execute(TConnection connection);

    public void Complete(Exception? failure)
    {
        if ((failure ?? Refusal) is { } reason)
            _source.SetException(reason);
        else
            _source.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
