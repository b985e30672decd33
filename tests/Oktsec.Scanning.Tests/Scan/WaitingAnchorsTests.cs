using Oktsec.Scanning.Scan;

namespace Oktsec.Scanning.Tests.Scan;

/// <summary>How much of a text made of anchors is kept: a part of its length, and never more than 2 MB.</summary>
public sealed class WaitingAnchorsTests
{
    private const int MaxCount = 1 << 18;

    [Fact]
    public void TryAdd_BeyondALookoutsShare_IsCountedOnly()
    {
        var waiting = new WaitingAnchors();
        waiting.Begin(lookouts: 2, length: 2400);
        for (var at = 0; at < 1000; at++)
            Assert.True(waiting.TryAdd(1, rank: 0, at));
        waiting.TryAdd(0, rank: 0, at: 7);
        waiting.Sort();

        Assert.Equal(Enumerable.Range(0, 64 + 2400 / 24), waiting.Places(1, out var all).ToArray());
        Assert.Equal(1000, all);
        Assert.Equal([7], waiting.Places(0, out all).ToArray());
        Assert.Null(all);
    }

    [Fact]
    public void TryAdd_BeyondWhatAllMayKeep_IsFalse_AndTheLookoutIsNotReadWholeForIt()
    {
        var waiting = new WaitingAnchors();
        waiting.Begin(lookouts: 100, length: 1 << 28);
        for (var at = 0; at < MaxCount; at++)
            Assert.True(waiting.TryAdd(at % 100, rank: 0, at));
        Assert.False(waiting.TryAdd(3, rank: 0, MaxCount));
        waiting.Sort();

        Assert.Equal(Enumerable.Range(0, MaxCount).Where(at => at % 100 == 3), waiting.Places(3, out var all).ToArray());
        Assert.Null(all);
    }
}
