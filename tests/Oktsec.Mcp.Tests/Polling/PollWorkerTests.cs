using Oktsec.Mcp.Polling;
using Oktsec.Mcp.Tests.Backends;
using Oktsec.Tests.Support;

namespace Oktsec.Mcp.Tests.Polling;

public sealed class PollWorkerTests
{
    [Fact]
    public async Task Read_ThatWaited_GoesOnOnAWorker()
    {
        Assert.True(await PolledPipe.OnWorkerAsync(worker => PollWorker.Current == worker));
        Assert.Null(await Task.Run(() => PollWorker.Current));
    }

    /// <summary>As many as there can be at once are blocked; each is replaced, and what waited behind it goes on elsewhere. Also when nothing was watched before, for nothing went on.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Workers_AllBlocked_AreReplaced(bool isIdleBefore)
    {
        using var release = new ManualResetEventSlim();
        var poller = new Poller(TimeSpan.FromMilliseconds(20));
        if (isIdleBefore)
            Assert.True(SpinWait.SpinUntil(() => !poller.IsWatching, Waits.Long));
        var blocked = Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => new PolledPipe(poller)).ToList();
        var behind = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var pipe in blocked)
        {
            _ = BlockAsync(pipe.Reader.ReadAsync(new byte[1]), release, behind);
            await pipe.Writer.WriteAsync("x"u8.ToArray());
        }
        using var other = new PolledPipe(poller);
        var read = other.Reader.ReadAsync(new byte[1]).AsTask();

        await other.Writer.WriteAsync("x"u8.ToArray());

        Assert.Equal(1, await read.WaitAsync(Waits.Long));
        await behind.Task.WaitAsync(Waits.Long);
        Assert.False(release.IsSet);
        release.Set();
        blocked.ForEach(p => p.Dispose());
    }

    [Fact]
    public async Task Continue_OnAWorker_RunsThereAfterTheRestAndLastAtTheEnd()
    {
        var order = new List<string>();
        var threads = new List<int>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        await PolledPipe.OnWorkerAsync(worker =>
        {
            worker.Last(new Item(() => Note("last", done.SetResult)));
            PollWorker.Continue(new Item(() => Note("second", () => { })));
            Assert.True(worker.HasMore);
            Note("first", () => { });
            return true;
        });
        await done.Task.WaitAsync(Waits.Long);

        Assert.Equal(["first", "second", "last"], order);
        Assert.Single(threads.Distinct());

        void Note(string what, Action then)
        {
            order.Add(what);
            threads.Add(Environment.CurrentManagedThreadId);
            then();
        }
    }

    private static async Task BlockAsync(ValueTask<int> read, ManualResetEventSlim release, TaskCompletionSource behind)
    {
        await read.ConfigureAwait(false);
        PollWorker.Continue(new Item(() => behind.TrySetResult()));
        release.Wait(2 * Waits.Long);
    }

    private sealed class Item(Action work) : IThreadPoolWorkItem
    {
        public void Execute() => work();
    }
}
