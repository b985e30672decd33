using Oktsec.Gateway;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Gateway;

/// <summary>The pauses between attempts to start a backend.</summary>
public sealed class BackendHealthTests
{
    private readonly ManualTime clock = new();

    [Fact]
    public async Task Pause_WithATimerThatFiresAMomentEarly_LastsToItsEnd()
    {
        var health = new BackendHealth("one", new WholeMilliseconds(clock));
        health.Down("refused");
        clock.Advance(TimeSpan.FromMicroseconds(400));
        var pause = health.PauseAsync(CancellationToken.None);
        clock.Advance(TimeSpan.FromMilliseconds(499)); // of 499.6, which the timer took for 499
        await TestGateway.UntilAsync(() => pause.IsCompleted || clock.NextTimer() is not null);
        Assert.True(health.IsDown);
        Assert.False(pause.IsCompleted, "an attempt now would be refused, and count");

        clock.Advance(TimeSpan.FromMilliseconds(1));
        await pause;
        Assert.False(health.IsDown);
    }

    [Fact]
    public async Task Pause_ThatAnotherFailureProlongs_LastsToTheNewEnd()
    {
        var health = new BackendHealth("one", clock);
        health.Down("refused");
        var pause = health.PauseAsync(CancellationToken.None);
        health.Down("refused");
        clock.Advance(TimeSpan.FromMilliseconds(500));
        await TestGateway.UntilAsync(() => pause.IsCompleted || clock.NextTimer() is not null);
        Assert.False(pause.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(500));
        await pause;
        Assert.False(health.IsDown);
    }

    /// <summary>Timers as the system's are: they count whole milliseconds, while the clock counts finer ones.</summary>
    private sealed class WholeMilliseconds(ManualTime clock) : TimeProvider
    {
        public override long TimestampFrequency => clock.TimestampFrequency;

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            clock.CreateTimer(callback, state, TimeSpan.FromMilliseconds(Math.Truncate(dueTime.TotalMilliseconds)), period);
    }
}
