using System.Collections.Concurrent;
using System.Security.Cryptography;
using Oktsec.Core.Configuration;

namespace Oktsec.Gateway;

/// <summary>All open sessions, by id. Thread safe.</summary>
internal sealed class SessionRegistry(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, GatewaySession> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _perAgent = new(StringComparer.Ordinal);

    /// <summary>Called when a session has ended, however it did.</summary>
    public Action<GatewaySession> Ended { get; set; } = _ => { };

    public int Count => _sessions.Count;

    public IEnumerable<GatewaySession> All => _sessions.Values;

    /// <summary>A fresh session id: 256 random bits, visible ASCII as the specification asks.</summary>
    public static string NewId() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    public GatewaySession? Find(string id) => _sessions.GetValueOrDefault(id);

    /// <summary>Whether one more session fits the limits; a place is taken when it does.</summary>
    public bool TryReserve(string agent, LimitsConfig limits)
    {
        if (_sessions.Count >= limits.MaxSessions)
            return false;
        if (_perAgent.AddOrUpdate(agent, 1, (_, n) => n + 1) <= limits.MaxSessionsPerAgent)
            return true;
        Release(agent);
        return false;
    }

    public void Add(GatewaySession session)
    {
        session.Touch(time.GetTimestamp());
        _sessions[session.Id] = session;
    }

    /// <summary>Ends a session; false when it has ended already.</summary>
    public async ValueTask<bool> EndAsync(GatewaySession session)
    {
        if (!_sessions.TryRemove(session.Id, out _))
            return false;
        Release(session.Principal.Agent);
        Ended(session);
        await session.DisposeAsync();
        return true;
    }

    /// <summary>Ends sessions that nobody has used for <paramref name="idle"/>.</summary>
    public async Task ReapAsync(TimeSpan idle)
    {
        var now = time.GetTimestamp();
        foreach (var session in _sessions.Values)
        {
            if (!session.IsBusy && time.GetElapsedTime(session.LastUsed, now) >= idle)
                await EndAsync(session);
        }
    }

    private void Release(string agent)
    {
        // A count of nothing is forgotten: agents may choose names, and memory must not grow with them.
        if (_perAgent.AddOrUpdate(agent, 0, (_, n) => Math.Max(0, n - 1)) == 0)
            _perAgent.TryRemove(new KeyValuePair<string, int>(agent, 0));
    }
}
