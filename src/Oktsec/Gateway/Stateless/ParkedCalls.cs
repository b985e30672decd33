using System.Collections.Concurrent;
using System.Security.Cryptography;
using Oktsec.Core.Identity;

namespace Oktsec.Gateway.Stateless;

/// <summary>Calls that wait for an agent's answers, under ids that only their <c>requestState</c> names. Bounded; each is taken once. Thread safe.</summary>
internal sealed class ParkedCalls(TimeProvider time, Action<StatelessCall> abandon)
{
    /// <summary>64 per principal, as many as calls under way by default; 1,000 in all.</summary>
    private const int MostPerPrincipal = 64;

    private const int Most = 1000;

    private readonly ConcurrentDictionary<string, Parked> _calls = new(StringComparer.Ordinal);

    /// <summary>The id of a call that now waits; null when too many do.</summary>
    public byte[]? TryAdd(StatelessCall call)
    {
        // Counted without a lock: a few more than the limit harm nobody.
        if (_calls.Count >= Most || _calls.Values.Count(p => p.Call.Session.Principal == call.Session.Principal) >= MostPerPrincipal)
            return null;
        var id = RandomNumberGenerator.GetBytes(16); // a fresh one each round, so that each state is good once
        var key = Convert.ToHexString(id);
        _calls[key] = new Parked(call, time.CreateTimer(_ => Expire(key), null, RequestStates.GoodFor, Timeout.InfiniteTimeSpan));
        return id;
    }

    /// <summary>The call with this id, left where it is.</summary>
    public StatelessCall? Find(ReadOnlySpan<byte> id, Principal principal) =>
        _calls.TryGetValue(Convert.ToHexString(id), out var parked) && parked.Call.Session.Principal == principal ? parked.Call : null;

    /// <summary>Takes a call out; false when somebody has.</summary>
    public bool TryTake(ReadOnlySpan<byte> id)
    {
        if (!_calls.TryRemove(Convert.ToHexString(id), out var parked))
            return false;
        parked.Expiry.Dispose();
        return true;
    }

    private void Expire(string key)
    {
        if (_calls.TryRemove(key, out var parked))
            abandon(parked.Call);
    }

    private sealed record Parked(StatelessCall Call, ITimer Expiry);
}
