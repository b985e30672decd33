using System.Collections.Concurrent;

namespace Oktsec.Gateway;

/// <summary>The resources, or tasks, one session subscribed to, by the backend and its own URI or id: two backends may have the same. Thread safe.</summary>
internal sealed class Subscriptions
{
    private readonly ConcurrentDictionary<(BackendSlot Slot, string Uri), byte> _wanted = new();

    public bool IsEmpty => _wanted.IsEmpty;

    public bool TryAdd(BackendSlot slot, string uri) => _wanted.TryAdd((slot, uri), 0);

    public bool TryRemove(BackendSlot slot, string uri) => _wanted.TryRemove((slot, uri), out _);

    public IEnumerable<string> Of(BackendSlot slot) => _wanted.Keys.Where(k => k.Slot == slot).Select(k => k.Uri);

    /// <summary>
    /// Whether an update concerns this session. An update may name a part of what was subscribed (MCP 2025-11-25, notifications/resources/updated:
    /// "might be a sub-resource"), which only the server can tell; on a shared connection it must begin with it, since others subscribe there too.
    /// </summary>
    public bool Want(BackendSlot slot, string uri) =>
        Of(slot).Any(wanted => !slot.Config.Shared || uri == wanted || uri.StartsWith(wanted.TrimEnd('/') + "/", StringComparison.Ordinal));
}
