using System.Collections.Concurrent;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>One connection for all sessions (<c>shared: true</c>): what it says goes to those it concerns.</summary>
/// <remarks>Sampling, elicitation and roots are not advertised to it: it could not know whom it asks.</remarks>
internal sealed class SharedBackend : IBackendAudience, IAsyncDisposable
{
    private readonly ConcurrentDictionary<GatewaySession, byte> _sessions = new();
    private readonly SubscriptionCounts _subscriptions = new();

    public SharedBackend(Func<SharedBackend, BackendSlot> createSlot) => Slot = createSlot(this);

    public BackendSlot Slot { get; }

    /// <summary>How many sessions want updates of each resource.</summary>
    public SubscriptionCounts Subscriptions => _subscriptions;

    /// <summary>The same of each task.</summary>
    public SubscriptionCounts WatchedTasks { get; } = new();

    public void Attach(GatewaySession session) => _sessions[session] = 0;

    public void Detach(GatewaySession session) => _sessions.TryRemove(session, out _);

    public void OnMessage(BackendSlot slot, RpcMessage message, InFlightCall? origin)
    {
        if (message.Kind == RpcKind.Request)
        {
            Refuse(slot, message, origin);
            return;
        }
        var owner = message.Method == Methods.Progress ? slot.Progress.Find(message.Span(message.ProgressToken))?.Session : origin?.Session;
        if (owner is not null || message.Method == Methods.Progress)
        {
            owner?.OnMessage(slot, message, origin);
            return;
        }
        var task = TaskIds.Text(message, TaskIds.InServerMessage(message));
        // Over stdio nothing says whose call a log line or a vendor's word is about: it may hold what another agent sent.
        if (task is null && !IsForAll(message.Method) && _sessions.Keys.Select(s => s.Principal).Distinct().Skip(1).Any())
        {
            _sessions.Keys.FirstOrDefault()?.OnUnowned(slot, message);
            return;
        }
        foreach (var (session, _) in _sessions)
        {
            // What concerns a task, or its status without a readable id, concerns nobody but the session that created it.
            if (task is null ? !TaskIds.IsState(message.Method) : session.Tasks.FindOwn(slot.Name, task) is not null)
                session.OnMessage(slot, message, null);
        }
    }

    // What each session then asks by its own policy, or is told by its own subscriptions and tasks.
    private static bool IsForAll(string method) =>
        method is Methods.ToolsChanged or Methods.PromptsChanged or Methods.ResourcesChanged or Methods.ResourceUpdated or Methods.TaskStatus or Methods.TaskChanged;

    public void OnRefused(BackendSlot slot, EnvelopeError error) => _sessions.Keys.FirstOrDefault()?.OnRefused(slot, error);

    public async ValueTask OnConnectedAsync(BackendSlot slot, IBackend backend)
    {
        // The first session speaks for all: levels differ between sessions, and the most recent setLevel has already won.
        foreach (var (session, _) in _sessions)
            await session.OnConnectedAsync(slot, backend);
    }

    public void OnLost(BackendSlot slot, string reason)
    {
        foreach (var (session, _) in _sessions)
            session.OnLost(slot, reason);
    }

    public void OnDown(BackendSlot slot, string reason, bool isNews) => _sessions.Keys.FirstOrDefault()?.OnDown(slot, reason, isNews);

    public ValueTask DisposeAsync() => Slot.DisposeAsync();

    // Recorded in the session of the call it came with; when nothing tells, in the first, as other faults of the connection are.
    private void Refuse(BackendSlot slot, RpcMessage message, InFlightCall? origin) =>
        (origin?.Session ?? _sessions.Keys.FirstOrDefault())?.OnUnasked(slot, message);
}

/// <summary>How many sessions subscribed to each resource, or task, of a shared backend. Thread safe.</summary>
internal sealed class SubscriptionCounts
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>Whether this is the last to leave, so that the backend is told.</summary>
    public bool IsLast(string uri)
    {
        lock (_counts)
            return !_counts.TryGetValue(uri, out var count) || count <= 1;
    }

    public void Add(string uri)
    {
        lock (_counts)
            _counts[uri] = _counts.GetValueOrDefault(uri) + 1;
    }

    public void Remove(string uri)
    {
        lock (_counts)
        {
            if (_counts.GetValueOrDefault(uri) <= 1)
                _counts.Remove(uri);
            else
                _counts[uri]--;
        }
    }
}
