using System.Collections.Concurrent;

namespace Oktsec.Core.Policy;

/// <summary>Exact sliding windows: the times of the last requests of each key.</summary>
/// <remarks>Thread safe. Outlives reloads; a changed limit applies to the times already seen.</remarks>
public sealed class RateWindows(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Queue<long>> _seen = new(StringComparer.Ordinal);

    /// <summary>Counts a request unless the window is full; a refused one is not counted.</summary>
    /// <param name="key">From the configuration, never from the wire: each key is kept.</param>
    /// <param name="limit">Requests in a window, at least 1.</param>
    /// <param name="window">Its length.</param>
    /// <param name="now">Monotonic, from <see cref="TimeProvider.GetTimestamp"/>.</param>
    /// <returns>0 when counted, else the seconds until a place is free (at least 1).</returns>
    public int TryTake(string key, int limit, TimeSpan window, long now)
    {
        var seen = _seen.GetOrAdd(key, static _ => new Queue<long>());
        lock (seen)
        {
            while (seen.Count > 0 && time.GetElapsedTime(seen.Peek(), now) >= window)
                seen.Dequeue();
            if (seen.Count < limit)
            {
                seen.Enqueue(now);
                return 0;
            }
            // Usually the oldest; after a reload to a lower limit, the one whose end leaves fewer than the limit.
            var wait = window - time.GetElapsedTime(seen.ElementAt(seen.Count - limit), now);
            return Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        }
    }
}
