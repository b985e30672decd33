using Oktsec.Core.Policy;

namespace Oktsec.Core.Tests.Policy;

public sealed class ConcurrencyGateTests
{
    private readonly ConcurrencyGate _gate = new();

    [Fact]
    public void TryEnter_UpToTheLimit_ThenOnlyAfterOneLeft()
    {
        var first = _gate.TryEnter("bob", 2);
        Assert.NotNull(first);
        Assert.NotNull(_gate.TryEnter("bob", 2));
        Assert.Null(_gate.TryEnter("bob", 2));
        Assert.Null(_gate.TryEnter("bob", 2)); // a refused one holds nothing
        first.Dispose();
        Assert.NotNull(_gate.TryEnter("bob", 2));
        Assert.Null(_gate.TryEnter("bob", 2));
    }

    [Fact]
    public void TryEnter_AnotherKey_IsFree()
    {
        Assert.NotNull(_gate.TryEnter("bob", 1));
        Assert.NotNull(_gate.TryEnter("Bob", 1));
    }

    [Fact]
    public void TryEnter_OtherLimitAfterReload_CountsWhatIsUnderWay()
    {
        for (var i = 0; i < 3; i++)
            Assert.NotNull(_gate.TryEnter("bob", 3));

        Assert.Null(_gate.TryEnter("bob", 2));
        Assert.NotNull(_gate.TryEnter("bob", 4));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void TryEnter_NoRoomAtAll_Refuses(int limit) => Assert.Null(_gate.TryEnter("bob", limit));

    [Fact]
    public void TryEnter_ManyThreads_NeverMoreThanTheLimitAndNoneIsLost()
    {
        var (inside, most) = (0, 0);
        Parallel.For(0, 20_000, _ =>
        {
            if (_gate.TryEnter("bob", 3) is not { } lease)
                return;
            var now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            Interlocked.Decrement(ref inside);
            lease.Dispose();
        });

        Assert.InRange(most, 1, 3);
        for (var i = 0; i < 3; i++)
            Assert.NotNull(_gate.TryEnter("bob", 3));
    }

    // As many callers as places: none may be refused because another is just coming or going.
    [Fact]
    public void TryEnter_NeverMoreCallersThanPlaces_RefusesNobody()
    {
        var refused = 0;
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                if (_gate.TryEnter("bob", 4) is { } lease)
                    lease.Dispose();
                else
                    Interlocked.Increment(ref refused);
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());

        Assert.Equal(0, refused);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen;)
            seen = Interlocked.CompareExchange(ref most, value, seen) is var was && was == seen ? value : was;
    }
}
