using System.Collections.Concurrent;
using Oktsec.Core.Identity;

namespace Oktsec.Core.Policy;

/// <summary>Blocks and quarantines of each principal's arguments in the last hour, for escalation.</summary>
/// <remarks>Thread safe and bounded. <c>anonymous</c> has none: one could then deny everybody.</remarks>
public sealed class Offences(TimeProvider time)
{
    /// <summary>3 in an hour raise flag to quarantine, 5 quarantine to block.</summary>
    public const int RaisesFlag = 3;
    public const int RaisesQuarantine = 5;

    /// <summary>4,096 offenders: more than agents of any installation; names that are only said cost nothing to invent. Beyond it the one longest quiet is forgotten.</summary>
    internal const int MaxOffenders = 4096;

    private static readonly TimeSpan s_window = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<string, Offender> _seen = new(StringComparer.Ordinal);
    private readonly Lock _adding = new();

    internal int Offenders => _seen.Count;

    public int Count(Principal principal, long now) =>
        !principal.IsAnonymous && _seen.TryGetValue(principal.Agent, out var offender) ? offender.Count(time, now) : 0;

    public void Add(Principal principal, long now)
    {
        if (principal.IsAnonymous)
            return;
        lock (_adding)
        {
            if (_seen.Count >= MaxOffenders && !_seen.ContainsKey(principal.Agent))
                _seen.TryRemove(_seen.MinBy(o => o.Value.Last).Key, out _);
            _seen.GetOrAdd(principal.Agent, static _ => new Offender()).Add(time, now);
        }
    }

    private sealed class Offender
    {
        // Five times are enough to decide.
        private readonly Queue<long> _times = new(RaisesQuarantine);
        private long _last;

        public long Last => Volatile.Read(ref _last);

        public int Count(TimeProvider time, long now)
        {
            lock (_times)
            {
                Expire(time, now);
                return _times.Count;
            }
        }

        public void Add(TimeProvider time, long now)
        {
            lock (_times)
            {
                Expire(time, now);
                if (_times.Count == RaisesQuarantine)
                    _times.Dequeue();
                _times.Enqueue(now);
                Volatile.Write(ref _last, now);
            }
        }

        private void Expire(TimeProvider time, long now)
        {
            while (_times.Count > 0 && time.GetElapsedTime(_times.Peek(), now) >= s_window)
                _times.Dequeue();
        }
    }
}
