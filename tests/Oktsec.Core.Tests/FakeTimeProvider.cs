namespace Oktsec.Core.Tests;

/// <summary>A clock that moves when told. The wall clock and the monotonic one move apart with <see cref="JumpWallClock"/>.</summary>
internal sealed class FakeTimeProvider : TimeProvider
{
    private DateTimeOffset _utcNow = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private long _timestamp = TimeSpan.TicksPerDay;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _utcNow;

    public override long GetTimestamp() => Interlocked.Read(ref _timestamp);

    public void Advance(TimeSpan by)
    {
        _utcNow += by;
        Interlocked.Add(ref _timestamp, by.Ticks);
    }

    public void JumpWallClock(TimeSpan by) => _utcNow += by;
}
