using Oktsec.Core.Audit;

namespace Oktsec.Storage;

/// <summary>Group commit without a thread of its own: a caller commits on its own thread, whoever comes meanwhile forms the next batch.</summary>
/// <remarks>
/// A single caller therefore pays no thread switch, and under load one commit serves many. See docs/decisions/0302-group-commit.md.
/// The queue is bounded: beyond <see cref="MaxWaiting"/> a write is refused, never dropped.
/// </remarks>
internal sealed class BatchWriter<TConnection>(Action<List<Write<TConnection>>> commit)
{
    // At 30,000 commits a second an eighth of a second's work; more waiting means that the disk does not answer.
    public const int MaxWaiting = 4096;

    private readonly Lock gate = new();
    private List<Write<TConnection>> waiting = [];
    private List<Write<TConnection>> batch = [];
    private bool isCommitting;
    private bool isClosed;

    /// <summary>Completes when the write is committed; faults with <see cref="AuditUnavailableException"/> when it is not.</summary>
    public ValueTask Submit(Write<TConnection> write)
    {
        lock (gate)
        {
            if (isClosed)
                throw new AuditUnavailableException("the store is closed");
            if (waiting.Count >= MaxWaiting)
                throw new AuditUnavailableException($"{MaxWaiting} records already wait for the disk");
            waiting.Add(write);
            if (isCommitting)
                return write.Completion;
            isCommitting = true;
        }
        // Calls that wait for a thread will soon have something to write too: they go first, and one commit serves them all.
        if (ThreadPool.PendingWorkItemCount == 0)
        {
            CommitBatch();
            if (!HasMore())
                return write.Completion;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static writer => writer.CommitRest(), this, preferLocal: false);
        return write.Completion;
    }

    /// <summary>Refuses new writes and returns when those before are done.</summary>
    public async ValueTask CloseAsync()
    {
        Write<TConnection>? last = null;
        lock (gate)
        {
            if (isClosed)
                return;
            isClosed = true;
            if (isCommitting)
                waiting.Add(last = new NoWrite());
        }
        if (last is not null)
            await last.Completion;
    }

    private void CommitRest()
    {
        do
            CommitBatch();
        while (HasMore());
    }

    private bool HasMore()
    {
        lock (gate)
            return isCommitting = waiting.Count > 0;
    }

    private void CommitBatch()
    {
        lock (gate)
            (batch, waiting) = (waiting, batch);
        Exception? failure = null;
        try
        {
            commit(batch);
        }
        catch (Exception e) // whatever it was, those who wait must hear that nothing was written; each meets it at its own door
        {
            failure = e as AuditUnavailableException ?? new AuditUnavailableException($"the record could not be written: {e.Message}", e);
        }
        foreach (var write in batch)
            write.Complete(failure);
        batch.Clear();
    }

    private sealed class NoWrite : Write<TConnection>
    {
        public override void Execute(TConnection connection)
        {
        }
    }
}
