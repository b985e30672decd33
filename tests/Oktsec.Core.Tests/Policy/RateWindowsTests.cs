using FsCheck;
using FsCheck.Fluent;
using Oktsec.Core.Policy;

namespace Oktsec.Core.Tests.Policy;

public sealed class RateWindowsTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromSeconds(60);
    private readonly FakeTimeProvider _time = new();
    private readonly RateWindows _windows;

    public RateWindowsTests() => _windows = new RateWindows(_time);

    [Fact]
    public void TryTake_FullWindow_SlidesExactly()
    {
        Assert.Equal(0, Take(2));
        After(10);
        Assert.Equal(0, Take(2));
        After(49.999);
        Assert.Equal(1, Take(2));
        After(0.001);
        Assert.Equal(0, Take(2)); // the first is 60 s old
        Assert.Equal(10, Take(2)); // the second leaves in 10
    }

    [Fact]
    public void TryTake_Refused_IsNotCounted()
    {
        Assert.Equal(0, Take(1));
        for (var i = 0; i < 50; i++)
        {
            After(1);
            Assert.Equal(59 - i, Take(1));
        }
        After(10);
        Assert.Equal(0, Take(1));
    }

    // A window that starts anew at fixed times lets twice the limit through around its edge.
    [Fact]
    public void TryTake_AroundAMinutesEdge_NeverMoreThanTheLimit()
    {
        After(59);
        for (var i = 0; i < 10; i++)
            Assert.Equal(0, Take(10));
        After(2);
        Assert.NotEqual(0, Take(10));
    }

    [Theory]
    [InlineData(59.0, 1)]
    [InlineData(58.5, 2)]
    [InlineData(59.9999, 1)]
    [InlineData(0.0, 60)]
    public void TryTake_Refused_SecondsAreRoundedUp(double later, int seconds)
    {
        Assert.Equal(0, Take(1));
        After(later);

        Assert.Equal(seconds, Take(1));
        After(seconds);
        Assert.Equal(0, Take(1));
    }

    [Fact]
    public void TryTake_LowerLimitAfterReload_CountsWhatWasSeenAndSaysHowLong()
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(0, Take(5));
            After(10);
        }

        // Seen at 0, 10, 20, 30, 40; it is 50. Below a limit of 2 falls the count when the one of 30 leaves, at 90.
        Assert.Equal(40, Take(2));
        After(39.5);
        Assert.Equal(1, Take(2));
        After(0.5);
        Assert.Equal(0, Take(2));
    }

    [Fact]
    public void TryTake_HigherLimitAfterReload_OpensAtOnce()
    {
        Assert.Equal(0, Take(1));
        Assert.NotEqual(0, Take(1));
        Assert.Equal(0, Take(2));
    }

    [Fact]
    public void TryTake_ShorterWindowAfterReload_Forgets()
    {
        Assert.Equal(0, Take(1));
        After(10);
        Assert.Equal(0, _windows.TryTake("bob", 1, TimeSpan.FromSeconds(10), _time.GetTimestamp()));
    }

    [Fact]
    public void TryTake_WallClockJumps_ChangesNothing()
    {
        Assert.Equal(0, Take(1));
        _time.JumpWallClock(TimeSpan.FromDays(400));
        Assert.Equal(60, Take(1));
        _time.JumpWallClock(TimeSpan.FromDays(-4000));
        Assert.Equal(60, Take(1));
    }

    [Fact]
    public void TryTake_ManyThreads_ExactlyTheLimitPasses()
    {
        var passed = 0;
        Parallel.For(0, 2000, _ =>
        {
            if (Take(100) == 0)
                Interlocked.Increment(ref passed);
        });

        Assert.Equal(100, passed);
    }

    // Against the definition: a request passes when fewer than the limit passed in the window that ends with it.
    [Fact]
    public void TryTake_AnySteps_AgreesWithTheDefinition()
    {
        var steps = Gen.Choose(0, 30).ListOf().ToArbitrary();
        var limits = Gen.Choose(1, 5).ToArbitrary();

        Prop.ForAll(steps, limits, (gaps, limit) =>
        {
            var (time, passed, now) = (new FakeTimeProvider(), new List<int>(), 0);
            var windows = new RateWindows(time);
            foreach (var gap in gaps)
            {
                time.Advance(TimeSpan.FromSeconds(gap));
                now += gap;
                var fits = passed.Count(p => now - p < 60) < limit;
                var wait = windows.TryTake("bob", limit, s_minute, time.GetTimestamp());
                if ((wait == 0) != fits || (!fits && wait != 60 - (now - passed[^limit])))
                    return false;
                if (fits)
                    passed.Add(now);
            }
            return true;
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private int Take(int limit) => _windows.TryTake("bob", limit, s_minute, _time.GetTimestamp());

    private void After(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));
}
