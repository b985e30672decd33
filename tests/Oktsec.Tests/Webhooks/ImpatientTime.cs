namespace Oktsec.Tests.Webhooks;

/// <summary>A clock on which delays are over at once and are remembered; the time limits of a post and of the farewell never end.</summary>
internal sealed class ImpatientTime : TimeProvider
{
    private static readonly TimeSpan[] s_limits = [TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2)];

    /// <summary>Which limit is over at once, after all.</summary>
    public TimeSpan? Expired { get; set; }

    public List<TimeSpan> Delays { get; } = [];

    public DateTimeOffset Now { get; set; } = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var isLimit = dueTime < TimeSpan.Zero || s_limits.Contains(dueTime);
        if (!isLimit)
            Delays.Add(dueTime);
        if (!isLimit || dueTime == Expired)
            ThreadPool.QueueUserWorkItem(_ => callback(state));
        return new NoTimer();
    }

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
