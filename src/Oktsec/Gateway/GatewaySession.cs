using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Oktsec.Core.Identity;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway;

/// <summary>One MCP session of one agent: bound to the principal that opened it, with its own backend connections and its own view of what is offered.</summary>
/// <remarks>An agent of a revision without sessions has one too, that it does not know of: see <see cref="Stateless.AgentStates"/>.</remarks>
internal sealed class GatewaySession : IBackendAudience, IAsyncDisposable
{
    private readonly OrderedQueue<ServerMessage> _fromBackends;
    private readonly ServerRelay _relay;
    private readonly CancellationTokenSource _closing = new();
    private long _sequence;
    private long _lastUsed;
    private int _logLevel = int.MaxValue;

    public GatewaySession(string id, Principal principal, string revision, ReadOnlyMemory<byte> initializeParams, ServerRelay relay)
    {
        Id = id;
        Principal = principal;
        Revision = revision;
        Replies = Revisions.HasResumption(revision) ? new ReplyLogs() : null;
        InitializeParams = initializeParams;
        RecordId = IsStateless ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(id)))[..16];
        _relay = relay;
        _fromBackends = new OrderedQueue<ServerMessage>(m => relay.RelayAsync(this, m), m => ServerRelay.IsDroppable(m.Message), m => m.Message.Bytes.Length);
    }

    public string Id { get; }

    /// <summary>How records name the session; the id itself is a secret.</summary>
    public string RecordId { get; }

    public Principal Principal { get; }

    public string Revision { get; }

    /// <summary>Whether the agent knows of no session: whatever it is told must belong to a request of its own.</summary>
    public bool IsStateless => Revision == Revisions.Stateless;

    /// <summary>What the agent said it can do; only without sessions.</summary>
    public Stateless.ClientFeatures Features { get; init; } = Stateless.ClientFeatures.None;

    /// <summary>Streams of subscriptions/listen.</summary>
    public Stateless.Listeners Listeners { get; } = new();

    /// <summary>Questions of backends that came while no request could carry them.</summary>
    public Stateless.WaitingQuestions Waiting { get; } = new();

    /// <summary>What the agent said at initialize; its own backend connections are opened with it.</summary>
    public ReadOnlyMemory<byte> InitializeParams { get; }

    /// <summary>In the order of the configuration.</summary>
    public IReadOnlyList<BackendSlot> Slots { get; set; } = [];

    public SessionCatalogue Catalogue { get; } = new();

    /// <summary>The GET stream.</summary>
    public EventStream Events { get; } = new();

    /// <summary>Streams of POSTs that the agent may take up again; null when its revision does not know how.</summary>
    public ReplyLogs? Replies { get; }

    /// <summary>Requests of servers that wait for this agent's answer.</summary>
    public ServerRequests ServerRequests { get; } = new();

    /// <summary>Calls under way, by the raw spelling of the agent's id.</summary>
    public ConcurrentDictionary<string, InFlightCall> Calls { get; } = new(StringComparer.Ordinal);

    /// <summary>Resource URIs this session subscribed to, with the backend that owns them.</summary>
    public Subscriptions Subscriptions { get; } = new();

    public SessionTasks Tasks { get; } = new();

    /// <summary>Tasks that open subscriptions/listen streams want to hear of, by the backend and its own id.</summary>
    public Subscriptions WatchedTasks { get; } = new();

    /// <summary>Fingerprints of what the agent was last shown or told of, by list.</summary>
    public ConcurrentDictionary<ListKind, string> SeenLists { get; } = new();

    /// <summary>When backends were last asked for a list because a name was unknown (monotonic), and what they answer. Guarded by itself.</summary>
    public Dictionary<ListKind, (long At, Task Answer)> AskedAt { get; } = [];

    /// <summary>There are other backends: what was asked of those before counts no more.</summary>
    public void MayAskAgain()
    {
        lock (AskedAt)
            AskedAt.Clear();
    }

    /// <summary>By list_changed method: 0 idle, 1 being checked, 2 to be checked again.</summary>
    public ConcurrentDictionary<string, int> ListChecks { get; } = new(StringComparer.Ordinal);

    public bool HasListed => !SeenLists.IsEmpty;

    /// <summary>The last logging/setLevel of the agent (the raw params), told to every connection that comes later.</summary>
    public ReadOnlyMemory<byte> LoggingLevel { get; set; }

    /// <summary>Takes a level that is lower than any before; false when it is not. Without sessions a level comes with a request.</summary>
    public bool TryLowerLogLevel(int level)
    {
        var before = Volatile.Read(ref _logLevel);
        return level < before && Interlocked.CompareExchange(ref _logLevel, level, before) == before;
    }

    /// <summary>Fires when the session ends.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Monotonic time of the last message; a session with an open stream or a call under way is not idle.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    public bool IsBusy => IsListening || !Calls.IsEmpty;

    /// <summary>Whether a request of the agent is being worked on.</summary>
    public bool HasCallsUnderWay => Calls.Values.Any(c => c is not Stateless.StatelessCall { IsParked: true });

    public bool IsListening => Events.IsOpen || !Listeners.IsEmpty;

    /// <summary>Tells the agent that a list of its changed.</summary>
    /// <param name="method">Which.</param>
    /// <param name="message">The notification.</param>
    public void Announce(string method, ReadOnlyMemory<byte> message)
    {
        if (IsStateless)
            Listeners.Announce(method, message);
        else
            Events.TrySend(message, isDroppable: false);
    }

    public void Touch(long now) => Volatile.Write(ref _lastUsed, now);

    public long NextSequence() => Interlocked.Increment(ref _sequence);

    public BackendSlot? Slot(string backend)
    {
        foreach (var slot in Slots)
        {
            if (slot.Name == backend)
                return slot;
        }
        return null;
    }

    /// <summary>Completes when everything backends have said so far has been judged and sent, so that a result never overtakes it.</summary>
    public Task DrainedAsync() => _fromBackends.DrainedAsync();

    public void OnMessage(BackendSlot slot, RpcMessage message, InFlightCall? origin)
    {
        if (!_fromBackends.TryAdd(new ServerMessage(slot, message, origin)))
            _relay.OnShed(slot, message, isFirst: _fromBackends.Dropped == 1);
    }

    /// <summary>A shared backend asked something of this session, or of nobody in particular.</summary>
    public void OnUnasked(BackendSlot slot, RpcMessage message) => _relay.OnUnasked(this, slot, message);

    /// <summary>A shared backend said something of which nobody can tell whom it concerns.</summary>
    public void OnUnowned(BackendSlot slot, RpcMessage message) => _relay.OnUnowned(this, slot, message);

    public void OnRefused(BackendSlot slot, EnvelopeError error) => _relay.OnRefused(this, slot, error);

    public async ValueTask OnConnectedAsync(BackendSlot slot, IBackend backend) => await _relay.OnConnectedAsync(this, slot, backend);

    public void OnLost(BackendSlot slot, string reason) => _relay.OnLost(this, slot, reason);

    public void OnDown(BackendSlot slot, string reason, bool isNews) => _relay.OnDown(slot, reason, isNews);

    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
            return;
        await _closing.CancelAsync();
        foreach (var call in Calls.Values)
            call.Cancel();
        await EndSlotsAsync();
    }

    /// <summary>Ends the session's own connections.</summary>
    public Task EndSlotsAsync() => Task.WhenAll(Slots.Where(s => !s.Config.Shared).Select(s => s.DisposeAsync().AsTask()));
}

/// <summary>Something a backend said by itself.</summary>
internal readonly record struct ServerMessage(BackendSlot Slot, RpcMessage Message, InFlightCall? Origin);
