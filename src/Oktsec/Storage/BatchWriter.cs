using Oktsec.Core.Audit;
using Oktsec.Mcp.Polling;

namespace Oktsec.Storage;

/// <summary>Group commit without a thread of its own: a caller commits on its own thread, whoever comes meanwhile forms the next batch.</summary>
/// <remarks>
/// A single caller therefore pays no thread switch, and under load one commit serves many. See docs/decisions/0302-group-commit.md.
/// The queue is bounded: beyond <see cref="MaxWaiting"/> a write is refused, never dropped.
/// </remarks>
internal sealed class BatchWriter<TConnection>(Action<List<Write<TConnection>>> commit) : IThreadPoolWorkItem
{
    // At 30,000 commits a second an eighth of a second's work; more waiting means that the disk does not answer.
    public const int MaxWaiting = 4096;

    private readonly Lock _gate = new();
    private List<Write<TConnection>> _waiting = [];
    private List<Write<TConnection>> _batch = [];
    private bool _isCommitting;
    private bool _isClosed;

    /// <summary>Completes when the write is committed; faults with <see cref="AuditUnavailableException"/> when it is not.</summary>
    public ValueTask Submit(Write<TConnection> write)
    {
        var worker = PollWorker.Current;
        // What waits for this thread will soon have something to write too: it goes first, and one commit serves all.
        var isLater = worker is { HasMore: true };
        lock (_gate)
        {
            if (_isClosed)
                throw new AuditUnavailableException("the store is closed");
            if (_waiting.Count >= MaxWaiting)
                throw new AuditUnavailableException($"{MaxWaiting} records already wait for the disk");
            _waiting.Add(write);
            if (_isCommitting)
                return write.Completion;
            _isCommitting = !isLater;
        }
        if (isLater)
            worker!.Last(this);
        else if (worker is null && ThreadPool.PendingWorkItemCount > 0) // the same for the pool's threads
            ThreadPool.UnsafeQueueUserWorkItem(static writer => writer.CommitAll(), this, preferLocal: false);
        else
            CommitNow(write);
        return write.Completion;
    }

    /// <summary>Commits what waits, unless somebody else has, or is at it.</summary>
    public void Execute()
    {
        lock (_gate)
        {
            if (_isCommitting || _waiting.Count == 0)
                return;
            _isCommitting = true;
        }
        CommitAll();
    }

    /// <summary>Refuses new writes and returns when those before are done.</summary>
    public async ValueTask CloseAsync()
    {
        Write<TConnection>? last = null;
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            if (_isCommitting || _waiting.Count > 0)
                _waiting.Add(last = new NoWrite());
        }
        if (last is not null)
            await last.Completion;
    }

    // The caller goes on with its own call; who came meanwhile is served right after.
    private void CommitNow(Write<TConnection> own)
    {
        CommitBatch(own);
        bool hasMore;
        lock (_gate)
        {
            hasMore = _waiting.Count > 0;
            _isCommitting = false;
        }
        if (hasMore)
            PollWorker.Continue(this);
    }

    private void CommitAll()
    {
        bool hasMore;
        do
        {
            CommitBatch(null);
            lock (_gate)
                _isCommitting = hasMore = _waiting.Count > 0;
        }
        while (hasMore);
    }

    private void CommitBatch(Write<TConnection>? own)
    {
        lock (_gate)
            (_batch, _waiting) = (_waiting, _batch);
        Exception? failure = null;
        try
        {
            commit(_batch);
        }
        catch (Exception e) // whatever it was, those who wait must hear that nothing was written; each meets it at its own door
        {
            failure = e as AuditUnavailableException ?? new AuditUnavailableException($"the record could not be written: {e.Message}", e);
        }
        foreach (var write in _batch)
            write.Complete(failure, isWaitedFor: write != own);
        _batch.Clear();
    }

    private sealed class NoWrite : Write<TConnection>
    {
        public override void Execute(TConnection connection)
        {
        }
    }
}
