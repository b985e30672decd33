using System.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>The stream on which a backend without sessions tells of changes: opened again when it ends, and with another filter when subscriptions change.</summary>
/// <remarks>MCP 2026-07-28, Subscriptions.</remarks>
internal sealed class ChangeStream
{
    // As for the stream of a session: a server that ends it in order wants us back soon, a broken one is asked ever less often.
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);

    private readonly IBackend _outer;
    private readonly IBackendListener _listener;
    private readonly BackendOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<BackendRequest, CancellationToken, Task<RpcMessage>> _ask;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _opening = new(1);
    private readonly HashSet<string> _uris = new(StringComparer.Ordinal);
    private readonly HashSet<string> _tasks = new(StringComparer.Ordinal);
    private readonly List<(string Filter, string Method)> _lists = [];
    private Listening? _current;
    private Listening? _next;

    public ChangeStream(
        IBackend outer, IBackendListener listener, BackendOptions options, TimeProvider time,
        Func<BackendRequest, CancellationToken, Task<RpcMessage>> ask, BackendHandshake handshake, Task<string> closed)
    {
        (_outer, _listener, _options, _time, _ask) = (outer, listener, options, time, ask);
        var result = handshake.Response.Span(handshake.Response.Result);
        if (Offers(result, "tools"u8))
            _lists.Add(("toolsListChanged", Methods.ToolsChanged));
        if (Offers(result, "prompts"u8))
            _lists.Add(("promptsListChanged", Methods.PromptsChanged));
        if (Offers(result, "resources"u8))
            _lists.Add(("resourcesListChanged", Methods.ResourcesChanged));
        closed.ContinueWith(_ => Stop(), TaskScheduler.Default);
    }

    public void Start()
    {
        if (_lists.Count > 0)
            _ = ReopenAsync(_stop.Token);
    }

    public void Stop() => _stop.Cancel();

    /// <summary>The answer to resources/subscribe.</summary>
    public async Task<RpcMessage> SubscribeAsync(string uri, CancellationToken cancel)
    {
        lock (_lock)
            _uris.Add(uri);
        var opened = await ReopenAsync(cancel);
        if (opened is { IsAcknowledged: true } && opened.Honours(uri))
            return ModernSession.Local(RpcReply.Result("0"u8, "{}"u8));
        lock (_lock)
            _uris.Remove(uri);
        return opened?.Error ?? ModernSession.Local(RpcReply.Error("0"u8, -32602, "the backend does not tell of changes of this resource"));
    }

    /// <summary>The answer to resources/unsubscribe.</summary>
    public async Task<RpcMessage> UnsubscribeAsync(string uri, CancellationToken cancel)
    {
        bool was;
        lock (_lock)
            was = _uris.Remove(uri);
        if (was)
            await ReopenAsync(cancel);
        return ModernSession.Local(RpcReply.Result("0"u8, "{}"u8));
    }

    /// <summary>Asks to be told of a task from now on (the extension io.modelcontextprotocol/tasks); false when the backend does not.</summary>
    public async Task<bool> WatchTaskAsync(string id, CancellationToken cancel)
    {
        lock (_lock)
            _tasks.Add(id);
        if (await ReopenAsync(cancel) is { IsAcknowledged: true } opened && opened.HonoursTask(id))
            return true;
        lock (_lock)
            _tasks.Remove(id);
        return false;
    }

    public async Task UnwatchTaskAsync(string id, CancellationToken cancel)
    {
        bool was;
        lock (_lock)
            was = _tasks.Remove(id);
        if (was)
            await ReopenAsync(cancel);
    }

    /// <summary>Whether a notification goes on to the agent: not our own affairs, and nothing of a stream that was given up.</summary>
    public bool Admits(RpcMessage message)
    {
        switch (message.Method)
        {
            case Methods.SubscriptionsAcknowledged:
                if (Find(message) is { } acknowledged)
                    acknowledged.Acknowledge(message);
                return false;
            case Methods.Cancelled: // the server ends a stream, or talks of what it must not
                lock (_lock)
                {
                    foreach (var listening in (Listening?[])[_current, _next])
                    {
                        if (listening is not null && Is(listening, message.Span(message.CancelledId)))
                            listening.End();
                    }
                }
                return false;
            case Methods.ToolsChanged or Methods.PromptsChanged or Methods.ResourcesChanged or Methods.ResourceUpdated:
                return SubscriptionId(message).IsEmpty || Find(message) is { IsAcknowledged: true };
            case Methods.TaskChanged:
                return Find(message) is { IsAcknowledged: true };
            default:
                return true;
        }
    }

    /// <summary>Opens the stream for what is wanted now; then the one before it ends, so that nothing falls between.</summary>
    private async Task<Listening?> ReopenAsync(CancellationToken cancel)
    {
        await _opening.WaitAsync(cancel);
        try
        {
            var next = new Listening(_stop.Token);
            ChangeFilter filter;
            lock (_lock)
            {
                filter = new ChangeFilter([.. _lists.Select(l => l.Filter)], _uris.ToHashSet(StringComparer.Ordinal), _tasks.ToHashSet(StringComparer.Ordinal));
                if (filter.IsEmpty)
                {
                    (var last, _current) = (_current, null);
                    last?.Replace();
                    return null;
                }
                _next = next;
            }
            _ = RunAsync(next, filter);
            await SettledAsync(next, cancel);
            lock (_lock)
            {
                _next = null;
                if (!next.IsAcknowledged)
                    return next;
                (var before, _current) = (_current, next);
                before?.Replace();
            }
            return next;
        }
        finally
        {
            _opening.Release();
        }
    }

    // A server that never acknowledges is as good as one that does not listen.
    private async Task SettledAsync(Listening next, CancellationToken cancel)
    {
        try
        {
            await next.Settled.WaitAsync(_options.StartTimeout, _time, cancel);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            next.Replace();
            cancel.ThrowIfCancellationRequested();
        }
    }

    private async Task RunAsync(Listening listening, ChangeFilter filter)
    {
        byte[] bytes = [.. """{"jsonrpc":"2.0","id":0,"method":"subscriptions/listen","params":"""u8, .. filter.Write(), .. "}"u8];
        var request = new BackendRequest
        {
            Bytes = bytes,
            Id = new ByteRange(bytes.AsSpan().IndexOf("0,"u8), 1),
            Method = Methods.Listen,
            IsStream = true,
            IsModern = true, // it says itself what it can do
            Numbered = id => listening.Id = id,
        };
        try
        {
            listening.Ended(await _ask(request, listening.Ending));
        }
        catch (Exception e) when (e is BackendUnavailableException or OperationCanceledException or TimeoutException)
        {
            listening.Ended(null);
        }
        if (_stop.IsCancellationRequested || listening.IsReplaced || (listening.Error is not null && listening.IsUnknown))
            return;
        await ComeBackAsync(listening);
    }

    // What changed while nobody listened is not known: the lists are looked at again.
    private async Task ComeBackAsync(Listening lost)
    {
        try
        {
            for (var pause = s_firstPause; ; pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause)
            {
                await Task.Delay(pause, _time, _stop.Token);
                lock (_lock)
                {
                    if (_current != lost && (_current is not null || lost.IsAcknowledged))
                        return; // another was opened meanwhile, or none is wanted
                }
                if (await ReopenAsync(_stop.Token) is not { } opened || opened.IsUnknown)
                    return;
                if (!opened.IsAcknowledged)
                    continue;
                foreach (var (_, method) in _lists)
                    _listener.OnMessage(_outer, ModernSession.Local(Encoding.ASCII.GetBytes($"{{\"jsonrpc\":\"2.0\",\"method\":\"{method}\"}}")), null);
                await TellTasksAsync();
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // The connection is over.
        }
    }

    // A task may have ended meanwhile, and would not say so again. Its state is what a notification holds ("identical to what tasks/get would have returned").
    private async Task TellTasksAsync()
    {
        string[] watched;
        lock (_lock)
            watched = [.. _tasks];
        foreach (var id in watched)
        {
            byte[] bytes = [.. """{"jsonrpc":"2.0","id":0,"method":"tasks/get","params":{"taskId":"""u8, .. JsonText.Quote(id), .. ",\"_meta\":"u8, .. ChangeFilter.TasksMeta, .. "}}"u8];
            var request = new BackendRequest { Bytes = bytes, Id = new ByteRange(bytes.AsSpan().IndexOf("0,"u8), 1), Method = Methods.TasksGet, IsModern = true };
            try
            {
                using var state = await _ask(request, _stop.Token);
                if (state.Kind is RpcKind.Response && state.Span(state.Result)[0] == '{')
                    _listener.OnMessage(_outer, ModernSession.Local((byte[])[.. "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tasks\",\"params\":"u8, .. WithoutType(state), .. "}"u8]), null);
            }
            catch (Exception e) when (e is BackendUnavailableException or TimeoutException)
            {
                // It is lost again, and what comes of that looks again.
            }
        }
    }

    private static byte[] WithoutType(RpcMessage response)
    {
        var result = response.Span(response.Result);
        return Splice.ToArray(result, [new Edit(JsonMembers.FindWhole(result, "resultType"u8), default)]);
    }

    private Listening? Find(RpcMessage message)
    {
        var id = SubscriptionId(message);
        lock (_lock)
            return _next is { } next && Is(next, id) ? next : _current is { } current && Is(current, id) ? current : null;
    }

    private static bool Is(Listening listening, ReadOnlySpan<byte> id) => RpcIds.TryGetNumber(id, out var number) && number == listening.Id;

    private static ReadOnlySpan<byte> SubscriptionId(RpcMessage message)
    {
        var meta = message.Span(message.Meta);
        var id = JsonMembers.Find(meta, "io.modelcontextprotocol/subscriptionId"u8);
        return meta.Slice(id.Start, id.Length);
    }

    private static bool Offers(ReadOnlySpan<byte> result, ReadOnlySpan<byte> capability)
    {
        var capabilities = Part(result, "capabilities"u8);
        var changed = Part(Part(capabilities, capability), "listChanged"u8);
        return changed.SequenceEqual("true"u8);
    }

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> json, ReadOnlySpan<byte> member)
    {
        var range = JsonMembers.Find(json, member);
        return json.Slice(range.Start, range.Length);
    }
}
