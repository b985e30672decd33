using System.Collections.Concurrent;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway.Stateless;

/// <summary>One open subscriptions/listen: what its agent wants to hear, and the stream to say it on. Thread safe.</summary>
/// <param name="methods">The notifications of lists.</param>
internal sealed class Listener(ReadOnlyMemory<byte> id, IReadOnlyCollection<string> methods)
{
    private readonly Lock _lock = new();

    /// <summary>What came before the acknowledgement, which must be first; null when that is out. Held for as long as the backends take to agree.</summary>
    private List<byte[]>? _early = [];

    private static ReadOnlySpan<byte> SubscriptionId => "\"io.modelcontextprotocol/subscriptionId\":"u8;

    /// <summary>Under the backends' own URIs.</summary>
    public ConcurrentDictionary<(BackendSlot Slot, string Uri), byte> Resources { get; } = new();

    /// <summary>Under the backends' own ids.</summary>
    public ConcurrentDictionary<(BackendSlot Slot, string Id), byte> Tasks { get; } = new();

    public EventStream Events { get; } = new();

    public bool Wants(string method) => methods.Contains(method);

    public bool WantsAnyOf(BackendSlot slot) => Resources.Keys.Any(r => r.Slot == slot);

    public bool Wants(BackendSlot slot, string uri) =>
        Resources.Keys.Any(r => r.Slot == slot && (r.Uri == uri || uri.StartsWith(r.Uri.TrimEnd('/') + "/", StringComparison.Ordinal)));

    /// <summary>Says what was agreed to, and then what was told meanwhile.</summary>
    public void Acknowledge(ReadOnlyMemory<byte> acknowledgement)
    {
        lock (_lock)
        {
            var early = _early ?? [];
            _early = null;
            Send(acknowledgement);
            foreach (var message in early)
                Events.TrySend(message, isDroppable: false);
        }
    }

    /// <summary>Sends a notification under the subscription's id (Subscriptions, "Receiving Notifications").</summary>
    public void Send(ReadOnlyMemory<byte> notification)
    {
        const int most = 1024; // as many changes as wait on an open stream
        if (!EnvelopeReader.TryRead(notification, EnvelopeLimits.FromBackends, out var message, out _))
            return;
        lock (_lock)
        {
            if (_early is null)
                Events.TrySend(Tagged(message), isDroppable: false);
            else if (_early.Count < most)
                _early.Add(Tagged(message));
        }
    }

    private byte[] Tagged(RpcMessage message)
    {
        byte[] tag = [.. SubscriptionId, .. id.Span];
        if (message.Params.IsEmpty)
            return Splice.ToArray(message.Bytes.Span, [new Edit(new ByteRange(message.Bytes.Span.LastIndexOf((byte)'}'), 0), (byte[])[.. ",\"params\":{\"_meta\":{"u8, .. tag, .. "}}"u8])]);
        if (message.Meta.IsEmpty)
            return Insert(message, message.Params, [.. "\"_meta\":{"u8, .. tag, .. "}"u8]);
        var old = JsonMembers.Find(message.Span(message.Meta), "io.modelcontextprotocol/subscriptionId"u8); // the backend's own
        return old.IsEmpty ? Insert(message, message.Meta, tag)
            : Splice.ToArray(message.Bytes.Span, [new Edit(old with { Start = message.Meta.Start + old.Start }, id)]);
    }

    private static byte[] Insert(RpcMessage message, ByteRange into, byte[] member)
    {
        var isEmpty = message.Span(into)[1..^1].IndexOfAnyExcept(" \t\r\n"u8) < 0;
        return Splice.ToArray(message.Bytes.Span, [new Edit(new ByteRange(into.Start + 1, 0), isEmpty ? member : (byte[])[.. member, .. ","u8])]);
    }
}

/// <summary>The open subscriptions of one agent. Thread safe.</summary>
internal sealed class Listeners
{
    private readonly ConcurrentDictionary<Listener, byte> _all = new();

    /// <summary>Taken while subscriptions at backends are made or ended: who is first and who is last must be certain.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    public bool IsEmpty => _all.IsEmpty;

    public int Count => _all.Count;

    public IEnumerable<Listener> All => _all.Keys;

    public void Add(Listener listener) => _all[listener] = 0;

    public void Remove(Listener listener) => _all.TryRemove(listener, out _);

    /// <summary>A list changed.</summary>
    public void Announce(string method, ReadOnlyMemory<byte> message)
    {
        foreach (var (listener, _) in _all)
        {
            if (listener.Wants(method))
                listener.Send(message);
        }
    }

    /// <summary>A task changed: for those who asked for it.</summary>
    public void TaskChanged(BackendSlot slot, string ownId, ReadOnlyMemory<byte> message)
    {
        foreach (var listener in _all.Keys.Where(l => l.Tasks.ContainsKey((slot, ownId))))
            listener.Send(message);
    }

    /// <summary>
    /// A resource changed: for those who subscribed to it or to what it is part of. Which part of what it is only the server knows
    /// (ResourceUpdatedNotificationParams: "might be a sub-resource"): when the URI does not tell, for all who subscribed there.
    /// </summary>
    public void Updated(BackendSlot slot, string uri, ReadOnlyMemory<byte> message)
    {
        var told = _all.Keys.Where(l => l.Wants(slot, uri)).ToList();
        if (told.Count == 0 && !slot.Config.Shared)
            told = [.. _all.Keys.Where(l => l.WantsAnyOf(slot))];
        foreach (var listener in told)
            listener.Send(message);
    }
}
