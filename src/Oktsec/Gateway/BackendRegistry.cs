using System.Collections.Concurrent;
using Oktsec.Core.Configuration;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>The configured backends: their health over all sessions, the shared connections, and slots for new sessions.</summary>
internal sealed class BackendRegistry(TimeProvider time) : IAsyncDisposable
{
    /// <summary>What a shared backend hears at initialize: no client features, since no single agent stands behind it.</summary>
    private static readonly byte[] s_sharedParams =
        """{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"oktsec","version":"1"}}"""u8.ToArray();

    private readonly ConcurrentDictionary<string, BackendHealth> _health = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SharedBackend> _shared = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (BackendConfig Config, EraMemory OfSessions, EraMemory Others)> _eras = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<BackendSlot, byte> _retiring = new();
    private readonly Lock _swapping = new(); // a session has the slots of one configuration, and of the one in force
    private volatile OktsecConfig _config = new();

    public IReadOnlyList<BackendConfig> Backends => _config.McpServers;

    public BackendHealth Health(string name) => _health.GetOrAdd(name, n => new BackendHealth(n, time));

    /// <summary>Takes a new configuration; returns shared connections that no longer belong to it, for the caller to end.</summary>
    public IReadOnlyList<SharedBackend> Configure(OktsecConfig config)
    {
        lock (_swapping)
        {
            _config = config;
            var stale = _shared.Values.Where(s => !config.McpServers.Any(c => c.Name == s.Slot.Name && IsSame(c, s.Slot.Config))).ToList();
            foreach (var shared in stale)
                _shared.TryRemove(shared.Slot.Name, out _);
            return stale;
        }
    }

    /// <summary>Opens a session: it is among <paramref name="sessions"/> before another configuration can be taken, so that it gets that one too.</summary>
    public void Open(GatewaySession session, SessionRegistry sessions)
    {
        lock (_swapping)
        {
            session.Slots = SlotsFor(session, []);
            sessions.Add(session);
        }
    }

    /// <summary>Gives an open session the slots of the configuration in force; returns those it had and has no more, for the caller to end.</summary>
    public IReadOnlyList<BackendSlot> Swap(GatewaySession session)
    {
        lock (_swapping)
        {
            var before = session.Slots;
            session.Slots = SlotsFor(session, before);
            var gone = before.Except(session.Slots).ToList();
            // Before, so that who misses what is forgotten may ask at once; and after, for what was asked before and forgotten then.
            session.MayAskAgain();
            foreach (var slot in gone)
                session.Catalogue.Forget(slot.Name);
            session.MayAskAgain();
            return gone;
        }
    }

    /// <summary>Ends a slot that nobody gets any more once its calls are over. Nobody waits for that: a call may take as long as it likes.</summary>
    public async Task RetireAsync(BackendSlot slot)
    {
        _retiring[slot] = 0;
        try
        {
            await slot.RetireAsync();
        }
        finally
        {
            _retiring.TryRemove(slot, out _);
        }
    }

    // One slot per configured backend, in order; those that exist and whose configuration did not change are kept.
    private IReadOnlyList<BackendSlot> SlotsFor(GatewaySession session, IReadOnlyList<BackendSlot> existing)
    {
        var slots = new List<BackendSlot>(Backends.Count);
        foreach (var config in Backends)
        {
            var kept = existing.FirstOrDefault(s => s.Name == config.Name && IsSame(s.Config, config));
            slots.Add(kept ?? (config.Shared ? Shared(config, session) : Create(config, session.InitializeParams, session, prefersSession: !session.IsStateless)));
        }
        return slots;
    }

    public SharedBackend? Shared(string name) => _shared.GetValueOrDefault(name);

    public void Detach(GatewaySession session)
    {
        foreach (var shared in _shared.Values)
            shared.Detach(session);
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_shared.Values.Select(s => s.DisposeAsync().AsTask()).Concat(_retiring.Keys.Select(s => s.DisposeAsync().AsTask())));

    private BackendSlot Shared(BackendConfig config, GatewaySession session)
    {
        var shared = _shared.GetOrAdd(config.Name, _ => new SharedBackend(s => Create(config, s_sharedParams, s, prefersSession: false)));
        shared.Attach(session);
        return shared.Slot;
    }

    private BackendSlot Create(BackendConfig config, ReadOnlyMemory<byte> initializeParams, IBackendAudience audience, bool prefersSession)
    {
        var options = Options(config) with { PrefersSession = prefersSession, Era = Era(config, prefersSession) };
        return new BackendSlot(config, Health(config.Name), initializeParams, audience, listener => BackendFactory.Create(options, listener, time));
    }

    // What was found out holds for the server as it is configured, not for its name.
    private EraMemory Era(BackendConfig config, bool ofSessions)
    {
        var (_, sessions, others) = _eras.AddOrUpdate(
            config.Name, _ => (config, new(), new()), (_, known) => IsSame(known.Config, config) ? known : (config, new(), new()));
        return ofSessions ? sessions : others;
    }

    private BackendOptions Options(BackendConfig config) => new()
    {
        Name = config.Name,
        Transport = config.Transport switch
        {
            "stdio" => BackendTransport.Stdio,
            "sse" => BackendTransport.LegacySse,
            _ => BackendTransport.HttpAuto,
        },
        Command = config.Command,
        Args = config.Args,
        Env = config.Env,
        Cwd = config.Cwd.Length > 0 ? config.Cwd : null,
        Url = config.Url.Length > 0 ? new Uri(config.Url) : null,
        Headers = config.Headers,
        Protocol = config.Protocol == "auto" ? "" : config.Protocol,
        StartTimeout = config.StartTimeout,
        CallTimeout = config.CallTimeout,
        Limits = new EnvelopeLimits(_config.Limits.MaxResultBytes, _config.Limits.MaxDepth),
    };

    // Records compare lists by reference; a reload builds new lists with the same content.
    private static bool IsSame(BackendConfig a, BackendConfig b) =>
        a with { Args = b.Args, Env = b.Env, Headers = b.Headers } == b
        && a.Args.SequenceEqual(b.Args) && IsSame(a.Env, b.Env) && IsSame(a.Headers, b.Headers);

    private static bool IsSame(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        a.Count == b.Count && a.All(e => b.TryGetValue(e.Key, out var value) && value == e.Value);
}
