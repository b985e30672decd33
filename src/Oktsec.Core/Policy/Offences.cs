using System.Collections.Concurrent;

namespace Oktsec.Core.Policy;

/// <summary>Blocks and quarantines of each principal's arguments in the last hour, for escalation.</summary>
/// <remarks>Thread safe and bounded: five times per agent are enough to decide.</remarks>
public sealed class Offences(TimeProvider time)
{
    /// <summary>3 in an hour raise flag to quarantine, 5 quarantine to block (product.md section 5).</summary>
    public const int RaisesFlag = 3;
    public const int RaisesQuarantine = 5;

    private static readonly TimeSpan s_window = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<string, Queue<long>> _seen = new(StringComparer.Ordinal);

    public int Count(string agent, long now)
    {
        if (!_seen.TryGetValue(agent, out var seen))
            return 0;
        lock (seen)
        {
            Expire(seen, now);
            return seen.Count;
        }
    }

    public void Add(string agent, long now)
    {
        var seen = _seen.GetOrAdd(agent, static _ => new Queue<long>(RaisesQuarantine));
        lock (seen)
        {
            Expire(seen, now);
            if (seen.Count == RaisesQuarantine)
                seen.Dequeue();
            seen.Enqueue(now);
        }
    }

    private void Expire(Queue<long> seen, long now)
    {
        while (seen.Count > 0 && time.GetElapsedTime(seen.Peek(), now) >= s_window)
            seen.Dequeue();
    }
}
