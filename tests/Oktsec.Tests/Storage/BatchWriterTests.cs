using Oktsec.Core.Audit;
using Oktsec.Mcp.Polling;
using Oktsec.Storage;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Storage;

public sealed class BatchWriterTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Submit_ByALoneCaller_IsCommittedOnItsThread()
    {
        var threads = new List<int>();
        var writer = new BatchWriter<object>(_ => threads.Add(Environment.CurrentManagedThreadId));
        var own = 0;

        var isCompleted = await PolledPipe.OnWorkerAsync(_ =>
        {
            own = Environment.CurrentManagedThreadId;
            return writer.Submit(new Nothing()).IsCompleted;
        });

        Assert.True(isCompleted);
        Assert.Equal([own], threads);
    }

    /// <summary>Of three calls that one worker has at hand, the last commits for all.</summary>
    [Fact]
    public async Task Submit_ByCallsOfOneWorker_IsOneCommit()
    {
        var batches = new List<int>();
        var writer = new BatchWriter<object>(batch => batches.Add(batch.Count));
        var submitted = new List<(ValueTask Commit, bool IsCompleted)>();
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        await PolledPipe.OnWorkerAsync(_ =>
        {
            for (var i = 0; i < 3; i++)
                PollWorker.Continue(new Item(Submit));
            return true;
        });
        await last.Task.WaitAsync(s_patience);
        foreach (var (commit, _) in submitted)
            await commit;

        Assert.Equal([false, false, true], submitted.Select(s => s.IsCompleted));
        Assert.Equal([3], batches);

        void Submit()
        {
            var commit = writer.Submit(new Nothing());
            submitted.Add((commit, commit.IsCompleted));
            if (submitted.Count == 3)
                last.SetResult();
        }
    }

    [Fact]
    public async Task Submit_BeforeOtherWorkThatWritesNothing_IsCommittedAfterIt()
    {
        var batches = new List<int>();
        var writer = new BatchWriter<object>(batch => batches.Add(batch.Count));

        var commit = await PolledPipe.OnWorkerAsync(_ =>
        {
            PollWorker.Continue(new Item(() => Assert.Empty(batches)));
            return writer.Submit(new Nothing()).AsTask();
        });
        await commit.WaitAsync(s_patience);

        Assert.Equal([1], batches);
    }

    [Fact]
    public async Task Submit_CommitFails_EveryoneHears()
    {
        var writer = new BatchWriter<object>(_ => throw new IOException("no disk"));
        var waiting = Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await writer.Submit(new Nothing()))).ToList();

        foreach (var task in waiting)
            await Assert.ThrowsAsync<AuditUnavailableException>(() => task.WaitAsync(s_patience));
    }

    [Fact]
    public async Task Submit_FromEverywhere_CommitsEachOnceAndCloseWaits()
    {
        var committed = new List<Write<object>>();
        var writer = new BatchWriter<object>(committed.AddRange);
        var writes = Enumerable.Range(0, 4000).Select(_ => new Nothing()).ToList();

        await Task.WhenAll(writes.Chunk(500).Select((some, i) => i % 2 == 0
            ? Task.Run(async () =>
            {
                foreach (var write in some)
                    await writer.Submit(write);
            })
            : SubmitOnWorkerAsync(writer, some)));
        await writer.CloseAsync().AsTask().WaitAsync(s_patience);

        Assert.Equal(writes.Count, committed.OfType<Nothing>().Distinct().Count());
        Assert.Throws<AuditUnavailableException>(() => { _ = writer.Submit(new Nothing()); });
    }

    /// <summary>Completes when a worker has handed all of them in, each in a turn of its own.</summary>
    private static async Task SubmitOnWorkerAsync(BatchWriter<object> writer, Nothing[] writes)
    {
        var allIn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await PolledPipe.OnWorkerAsync(worker =>
        {
            foreach (var write in writes)
                PollWorker.Continue(new Item(() => _ = writer.Submit(write)));
            PollWorker.Continue(new Item(allIn.SetResult));
            return true;
        });
        await allIn.Task.WaitAsync(s_patience);
    }

    private sealed class Nothing : Write<object>
    {
        public override void Execute(object connection)
        {
        }
    }

    private sealed class Item(Action work) : IThreadPoolWorkItem
    {
        public void Execute() => work();
    }
}
