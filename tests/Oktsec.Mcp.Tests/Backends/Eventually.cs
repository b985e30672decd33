namespace Oktsec.Mcp.Tests.Backends;

/// <summary>Waits for a state that nothing announces, such as the end of a process.</summary>
internal static class Eventually
{
    /// <summary>Asks again until it is so. Bounded by <see cref="Waits.Long"/>.</summary>
    public static async Task TrueAsync(Func<bool> condition)
    {
        using var bound = new CancellationTokenSource(Waits.Long);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            Assert.False(bound.IsCancellationRequested, "it did not come true");
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
