using Oktsec.Hosting;

namespace Oktsec.Tests.Hosting;

/// <summary>When memory is given back: after work, not during it, and not for ever.</summary>
public sealed class IdleMemoryTests
{
    private const long Much = 100 * 1024 * 1024;

    private long _allocated;
    private bool _isBusy;
    private int _given;

    [Fact]
    public void Quiet_AfterWork_GivesBackAFewTimes()
    {
        var memory = Memory();
        Look(memory, 10);
        Assert.Equal(0, _given); // nothing happened yet
        _allocated += Much;
        Look(memory, 1);
        Assert.Equal(0, _given);
        Look(memory, 100);
        Assert.Equal(4, _given);
        _allocated += Much;
        Look(memory, 100);
        Assert.Equal(8, _given);
    }

    [Fact]
    public void Work_ThatGoesOn_IsNotInterrupted()
    {
        var memory = Memory();
        for (var i = 0; i < 100; i++)
        {
            _allocated += Much;
            Look(memory, 1);
        }
        _isBusy = true;
        Look(memory, 10);
        Assert.Equal(0, _given);
        _isBusy = false;
        Look(memory, 10);
        Assert.Equal(4, _given);
    }

    [Fact]
    public void SmallCalls_NowAndThen_CauseNone()
    {
        var memory = Memory();
        for (var i = 0; i < 1000; i++)
        {
            _allocated += 100_000;
            Look(memory, 1);
        }
        Assert.Equal(0, _given);
    }

    private IdleMemory Memory() => new(() => _allocated, () => _isBusy, () => _given++);

    private static void Look(IdleMemory memory, int times)
    {
        for (var i = 0; i < times; i++)
            memory.Look();
    }
}
