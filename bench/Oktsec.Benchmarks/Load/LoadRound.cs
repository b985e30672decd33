using System.Diagnostics;

namespace Oktsec.Benchmarks.Load;

/// <summary>Runs callers side by side for a while, one thread each.</summary>
internal static class LoadRound
{
    /// <summary>Every call's duration in <see cref="Stopwatch"/> ticks, and how long the round took.</summary>
    /// <exception cref="AggregateException">Calls failed; the contender cannot be measured.</exception>
    public static (List<long> Durations, TimeSpan Elapsed) Run(IReadOnlyList<Caller> callers, TimeSpan length)
    {
        var durations = new List<long>[callers.Count];
        var faults = new List<Exception>();
        var start = Stopwatch.GetTimestamp();
        var until = start + (long)(length.TotalSeconds * Stopwatch.Frequency);
        var threads = callers.Select((caller, i) => new Thread(() =>
        {
            durations[i] = new List<long>(4096);
            try
            {
                caller.Run(until, durations[i]);
            }
            catch (Exception e) // the thread's door: reported by the round
            {
                lock (faults)
                    faults.Add(e);
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        var elapsed = Stopwatch.GetElapsedTime(start);
        if (faults.Count > 0)
            throw new AggregateException(faults);
        return ([.. durations.SelectMany(d => d)], elapsed);
    }
}
