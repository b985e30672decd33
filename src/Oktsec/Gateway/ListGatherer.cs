using System.Collections.Concurrent;
using Oktsec.Core.Policy;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;
using Oktsec.Storage;

namespace Oktsec.Gateway;

/// <summary>Asks backends for everything they offer, page by page, and keeps the last good answer of each for when it is down.</summary>
internal sealed class ListGatherer(Offers offers, CatalogueMemory memory)
{
    /// <summary>1,000 pages: a backend whose cursor never ends is cut there, not followed forever.</summary>
    private const int MostPages = 1000;

    private const int MethodNotFound = -32601;

    /// <summary>10,000 items: fifty times the largest catalogue seen; what comes after is not offered.</summary>
    private const int MostItems = 10_000;

    /// <summary>Brings a session's view of one list up to date, all backends side by side; returns the names of those that gave none, whose last good list stands in if there is one.</summary>
    public async Task<IReadOnlyList<string>> GatherAsync(GatewaySession session, ListKind kind, PolicySnapshot policies, CancellationToken cancel)
    {
        var slots = session.Slots;
        var fresh = await Task.WhenAll(slots.Select(slot => FetchAsync(slot, kind, memory.LastGood(slot.Name, kind) is not null, cancel)));
        // Every name is learnt before any is given out: a conflict within this very list must be seen.
        for (var i = 0; i < slots.Count; i++)
        {
            if (fresh[i] is { } items)
                await memory.LearnAsync(slots[i].Name, kind, items);
        }
        var degraded = new List<string>();
        for (var i = 0; i < slots.Count; i++)
        {
            var items = fresh[i] ?? memory.LastGood(slots[i].Name, kind);
            if (fresh[i] is null && items is not { Count: 0 })
                degraded.Add(slots[i].Name);
            if (items is null || session.Slot(slots[i].Name) != slots[i])
                continue; // never heard: named, so that nobody takes what is there for all there is; or replaced by a reload meanwhile
            session.Catalogue.Replace(kind, slots[i].Name, await offers.JudgeAsync(kind, slots[i].Name, items, session, policies, memory.Names(kind)));
        }
        return degraded;
    }

    /// <summary>Whether a backend offered any resource or template when it was last heard, be it before a restart; null when it never was.</summary>
    public bool? OfferedResources(string backend)
    {
        var (resources, templates) = (memory.LastGood(backend, ListKind.Resources), memory.LastGood(backend, ListKind.Templates));
        return resources is null && templates is null ? null : resources is { Count: > 0 } || templates is { Count: > 0 };
    }

    /// <summary>All pages of one backend; null when it is down, or gives no list in time.</summary>
    /// <param name="isKnown">Whether a last good one can stand in, so that a backend which hangs while it lists keeps nobody waiting.</param>
    public static async Task<IReadOnlyList<ListItem>?> FetchAsync(BackendSlot slot, ListKind kind, bool isKnown, CancellationToken cancel)
    {
        var backend = await ConnectAsync(slot, cancel);
        if (backend is null)
            return null;
        using var limit = slot.Health.ListLimit(isKnown, slot.Config.StartTimeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            if (!backend.Offers(kind.Capability))
                return [];
            var items = new List<ListItem>();
            var cursor = ReadOnlyMemory<byte>.Empty;
            var bytes = 0L;
            for (var page = 0; page < MostPages && items.Count < MostItems && bytes < slot.MaxListBytes; page++)
            {
                var response = await slot.RequestAsync(Request(kind, cursor), either.Token);
                slot.Health.Listed();
                if (response.Kind == RpcKind.ErrorResponse)
                    return page == 0 && IsUnknownMethod(response) ? [] : null; // a server that declares more than it has
                if (ListReply.PlaceOf(response, kind).IsEmpty)
                    return null;
                var result = ListResult.Read(response.Memory(response.Result), kind.Member, kind.Key, out _);
                items.AddRange(result.Items);
                bytes += response.Bytes.Length;
                if (result.NextCursor.IsEmpty)
                    return items;
                cursor = result.NextCursor;
            }
            return items;
        }
        catch (Exception e) when (IsLoss(e, cancel))
        {
            if (limit.IsCancellationRequested)
                slot.Health.Hung();
            return null;
        }
    }

    private static async Task<IBackend?> ConnectAsync(BackendSlot slot, CancellationToken cancel)
    {
        try
        {
            return await slot.ConnectAsync(cancel);
        }
        catch (Exception e) when (IsLoss(e, cancel))
        {
            return null;
        }
    }

    // Cancelled, but not by whoever asks: its time is up, or it was taken out of the configuration while it started.
    private static bool IsLoss(Exception e, CancellationToken cancel) =>
        e is BackendUnavailableException or TimeoutException or ObjectDisposedException || (e is OperationCanceledException && !cancel.IsCancellationRequested);

    private static bool IsUnknownMethod(RpcMessage response) => JsonMembers.Find(response.Span(response.Error), "code"u8) is var code
        && RpcIds.TryGetNumber(response.Span(code with { Start = response.Error.Start + code.Start }), out var number) && number == MethodNotFound;

    private static BackendRequest Request(ListKind kind, ReadOnlyMemory<byte> cursor)
    {
        var head = System.Text.Encoding.ASCII.GetBytes($"{{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"{kind.Method}\"");
        byte[] bytes = cursor.IsEmpty ? [.. head, .. "}"u8] : [.. head, .. ",\"params\":{\"cursor\":"u8, .. cursor.Span, .. "}}"u8];
        return new BackendRequest { Bytes = bytes, Id = new ByteRange(bytes.AsSpan().IndexOf("\"id\":0"u8) + 5, 1), Method = kind.Method };
    }
}

/// <summary>The last known lists of every backend, over all sessions and restarts, and the names they lead to.</summary>
internal sealed class CatalogueMemory(ICatalogueStore store)
{
    private readonly ConcurrentDictionary<(string Backend, ListKind Kind), IReadOnlyList<ListItem>> _lastGood = new();
    private readonly NameBook _tools = new();
    private readonly NameBook _prompts = new();

    /// <summary>Called when the tools of a backend have changed.</summary>
    public Action ToolsChanged { get; set; } = () => { };

    public NameBook Names(ListKind kind) => kind == ListKind.Prompts ? _prompts : _tools;

    public IReadOnlyList<ListItem>? LastGood(string backend, ListKind kind) => _lastGood.GetValueOrDefault((backend, kind));

    /// <summary>The configured backends; what the store knows of them is learnt at once.</summary>
    public void Configure(IReadOnlyList<string> backends)
    {
        _tools.Configure(backends);
        _prompts.Configure(backends);
        foreach (var saved in store.LoadCatalogues())
        {
            var parts = saved.Backend.Split('#', 2);
            if (parts.Length == 2 && ListKind.All.FirstOrDefault(k => k.Member == parts[0]) is { } kind && !_lastGood.ContainsKey((parts[1], kind)))
                Keep(parts[1], kind, ListResult.Read(saved.Catalogue, kind.Member, kind.Key, out _).Items);
        }
    }

    public async ValueTask LearnAsync(string backend, ListKind kind, IReadOnlyList<ListItem> items)
    {
        if (_lastGood.TryGetValue((backend, kind), out var before) && IsSame(before, items))
            return;
        Keep(backend, kind, items);
        if (kind == ListKind.Tools)
            ToolsChanged();
        await store.SaveCatalogueAsync($"{kind.Member}#{backend}", Stored(kind, items), CancellationToken.None);
    }

    private void Keep(string backend, ListKind kind, IReadOnlyList<ListItem> items)
    {
        _lastGood[(backend, kind)] = items;
        if (kind.IsNamed)
            Names(kind).Learn(backend, [.. items.Select(i => i.Key)]);
    }

    private static bool IsSame(IReadOnlyList<ListItem> one, IReadOnlyList<ListItem> other)
    {
        if (one.Count != other.Count)
            return false;
        for (var i = 0; i < one.Count; i++)
        {
            if (!one[i].Bytes.Span.SequenceEqual(other[i].Bytes.Span))
                return false;
        }
        return true;
    }

    private static byte[] Stored(ListKind kind, IReadOnlyList<ListItem> items) => ListReply.Array(kind, items.Select(i => i.Bytes), []);
}
