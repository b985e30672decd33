namespace Oktsec.StdioProxy;

/// <summary>After the end of the agent's input: how long answers that are still due are waited for.</summary>
internal static class LastAnswers
{
    // A minute is the patience of the SDKs' clients for one answer.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(50);

    // Whether a server is stopped is asked less often: every process of the machine is looked at. Twice in a row, since one may be stopped and
    // continued at once.
    private const int TicksPerLook = 20;
    private const int StoppedLooks = 2;

    /// <summary>Completes when none is due, nobody is left who could hear it, or the server is stopped and can give none.</summary>
    public static async Task AwaitAsync(Func<bool> areDue, Func<bool> isStopped, TimeProvider time)
    {
        var started = time.GetTimestamp();
        using var tick = new PeriodicTimer(s_tick, time);
        var stopped = 0;
        for (var i = 1; areDue() && !OwnClient.IsGone && stopped < StoppedLooks && time.GetElapsedTime(started) < s_patience && await tick.WaitForNextTickAsync(); i++)
        {
            if (i % TicksPerLook == 0)
                stopped = isStopped() ? stopped + 1 : 0;
        }
    }
}
