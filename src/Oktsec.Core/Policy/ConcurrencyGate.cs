using System.Collections.Concurrent;

namespace Oktsec.Core.Policy;

/// <summary>How many calls are under way per key. Thread safe.</summary>
public sealed class ConcurrencyGate
{
    private readonly ConcurrentDictionary<string, Lease> _keys = new(StringComparer.Ordinal);

    /// <summary>A lease that is given back when the call ends, or null when <paramref name="limit"/> calls are under way.</summary>
    /// <param name="key">From the configuration, never from the wire: each key is kept.</param>
    /// <param name="limit">How many may hold a lease.</param>
    public IDisposable? TryEnter(string key, int limit)
    {
        var lease = _keys.GetOrAdd(key, static _ => new Lease());
        return lease.TryEnter(limit) ? lease : null;
    }

    // One object per key serves as every lease: a call allocates nothing. Decision releases each at most once.
    private sealed class Lease : IDisposable
    {
        private int _count;

        // Not "add, and take back when too many": while one refused call is taken back, another would be refused for it.
        public bool TryEnter(int limit)
        {
            var count = Volatile.Read(ref _count);
            while (count < limit)
            {
                var seen = Interlocked.CompareExchange(ref _count, count + 1, count);
                if (seen == count)
                    return true;
                count = seen;
            }
            return false;
        }

        public void Dispose() => Interlocked.Decrement(ref _count);
    }
}
