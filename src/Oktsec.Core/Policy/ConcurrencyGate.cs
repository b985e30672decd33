using System.Collections.Concurrent;

namespace Oktsec.Core.Policy;

/// <summary>How many calls of each agent are under way. Thread safe.</summary>
public sealed class ConcurrencyGate
{
    private readonly ConcurrentDictionary<string, Lease> _agents = new(StringComparer.Ordinal);

    /// <summary>A lease that is given back when the call ends, or null when <paramref name="limit"/> calls are under way.</summary>
    public IDisposable? TryEnter(string agent, int limit)
    {
        var lease = _agents.GetOrAdd(agent, static _ => new Lease());
        return lease.TryEnter(limit) ? lease : null;
    }

    // One object per agent serves as every lease: a call allocates nothing. Decision releases each at most once.
    private sealed class Lease : IDisposable
    {
        private int _count;

        public bool TryEnter(int limit)
        {
            if (Interlocked.Increment(ref _count) <= limit)
                return true;
            Interlocked.Decrement(ref _count);
            return false;
        }

        public void Dispose() => Interlocked.Decrement(ref _count);
    }
}
