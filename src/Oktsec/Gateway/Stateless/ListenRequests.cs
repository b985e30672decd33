using System.Buffers;
using System.Text.Json;
using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway.Stateless;

/// <summary>Serves subscriptions/listen: the one stream on which an agent without sessions hears of changes (MCP 2026-07-28, Subscriptions).</summary>
internal sealed class ListenRequests(Initializer initializer, TargetFinder targets, BackendRegistry backends, Relay relay, Recorder recorder)
{
    private const int InvalidParams = -32602;

    /// <summary>64 streams per principal and set of features, as many as calls under way by default.</summary>
    private const int MostListeners = 64;

    /// <summary>256 resources per stream: each is one subscription at a backend.</summary>
    private const int MostResources = 256;

    private static readonly (string Member, string Method, string Capability)[] s_lists =
    [
        ("toolsListChanged", Methods.ToolsChanged, "tools"), ("promptsListChanged", Methods.PromptsChanged, "prompts"),
        ("resourcesListChanged", Methods.ResourcesChanged, "resources"),
    ];

    public async Task ServeAsync(Exchange x)
    {
        if (TryRead(x.Message) is not { } wanted)
        {
            await relay.AnswerAsync(x, RpcReply.Error(x.Message.Span(x.Message.Id), InvalidParams, $"params.notifications must be an object of booleans, and resourceSubscriptions an array of at most {MostResources} strings"));
            return;
        }
        if (x.Session.Listeners.Count >= MostListeners)
        {
            var full = Failure.Of(DenyReason.ConcurrencyExceeded, "too many open subscriptions; close one", 1);
            await recorder.WriteAsync(recorder.Entry(x.Call, full, x.Session), full);
            await Relay.DenyAsync(x, full, x.Entry.Id);
            return;
        }
        if (!await recorder.WriteAsync(x.Entry with { PipelineMicroseconds = relay.Micros(x.Started) }, x.Decision))
        {
            await Relay.DenyAsync(x, Failure.Of(DenyReason.AuditUnavailable, "the request could not be recorded"), x.Entry.Id);
            return;
        }
        x.Decision.Dispose(); // a stream that stays open is no call under way
        var id = x.Message.Memory(x.Message.Id).ToArray();
        var (ready, _) = await initializer.ReadyAsync(x.Session, x.Call.Policies);
        var isPartial = ready.Count < x.Session.Slots.Count;
        var lists = s_lists.Where(l => wanted.Lists.Contains(l.Member) && (isPartial || ready.Any(b => b.Offers(l.Capability)))).ToList();
        var resources = await SubscribeAsync(x, wanted.Resources);
        var listener = new Listener(id, [.. lists.Select(l => l.Method)], [.. resources.Select(r => (r.Slot, r.Uri))]);
        listener.Send(Acknowledgement([.. lists.Select(l => l.Member)], [.. resources.Select(r => r.Exposed)]));
        x.Session.Listeners.Add(listener);
        try
        {
            byte[] last = [.. "{\"resultType\":\"complete\",\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":"u8, .. id, .. "}}"u8];
            await x.Reply.StreamAsync(listener.Events, RpcReply.Result(id, last), x.Session.Closing);
        }
        finally
        {
            x.Session.Listeners.Remove(listener);
            await UnsubscribeAsync(x.Session, listener);
        }
    }

    private static (HashSet<string> Lists, List<string> Resources)? TryRead(RpcMessage message)
    {
        var filter = message.Params.IsEmpty ? default : JsonMembers.Find(message.Span(message.Params), "notifications"u8);
        if (filter.IsEmpty)
            return null;
        using var document = JsonDocument.Parse(message.Memory(message.Params).Slice(filter.Start, filter.Length), new JsonDocumentOptions { MaxDepth = int.MaxValue - 1 });
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            return null;
        var (lists, resources) = (new HashSet<string>(StringComparer.Ordinal), new List<string>());
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (member.Name == "resourceSubscriptions")
            {
                if (member.Value.ValueKind != JsonValueKind.Array || member.Value.GetArrayLength() > MostResources
                    || member.Value.EnumerateArray().Any(uri => uri.ValueKind != JsonValueKind.String))
                    return null;
                resources.AddRange(member.Value.EnumerateArray().Select(uri => uri.GetString()!).Distinct(StringComparer.Ordinal));
            }
            else if (s_lists.Any(l => l.Member == member.Name))
            {
                if (member.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                    return null;
                if (member.Value.ValueKind == JsonValueKind.True)
                    lists.Add(member.Name);
            }
        }
        return (lists, resources);
    }

    // What the agent may not see, nobody offers or no backend lets it subscribe to looks the same: it is not in the acknowledgement.
    private async Task<List<(BackendSlot Slot, string Uri, string Exposed)>> SubscribeAsync(Exchange x, List<string> uris)
    {
        var honoured = new List<(BackendSlot, string, string)>();
        foreach (var exposed in uris)
        {
            var found = await targets.FindResourceAsync(x.Session, exposed, x.Call.Policies, x.Reply.Left);
            if (!found.Target.Exists || !(x.Call.Policies.IsObserving || x.Call.Policy?.Allows(found.Target) == true)
                || x.Session.Slot(found.Target.Backend) is not { } slot)
                continue;
            await x.Session.Listeners.Turn.WaitAsync(CancellationToken.None);
            try
            {
                if (await TryFirstAsync(x.Session, slot, found.Target.OwnName))
                    honoured.Add((slot, found.Target.OwnName, exposed));
            }
            finally
            {
                x.Session.Listeners.Turn.Release();
            }
        }
        return honoured;
    }

    private async ValueTask<bool> TryFirstAsync(GatewaySession session, BackendSlot slot, string uri)
    {
        if (!session.Subscriptions.TryAdd(slot, uri))
            return true; // another stream of this agent has it
        var shared = slot.Config.Shared ? backends.Shared(slot.Name) : null;
        if (await TellAsync(slot, Methods.ResourcesSubscribe, uri))
        {
            shared?.Subscriptions.Add(uri);
            return true;
        }
        session.Subscriptions.TryRemove(slot, uri);
        return false;
    }

    private async Task UnsubscribeAsync(GatewaySession session, Listener gone)
    {
        foreach (var (slot, uri) in gone.Resources)
        {
            await session.Listeners.Turn.WaitAsync(CancellationToken.None);
            try
            {
                if (session.Listeners.All.Any(l => l.Resources.Contains((slot, uri))) || !session.Subscriptions.TryRemove(slot, uri))
                    continue;
                var shared = slot.Config.Shared ? backends.Shared(slot.Name) : null;
                var isLast = shared is null || shared.Subscriptions.IsLast(uri);
                shared?.Subscriptions.Remove(uri);
                if (isLast && slot.Current is not null && !session.Closing.IsCancellationRequested)
                    await TellAsync(slot, Methods.ResourcesUnsubscribe, uri);
            }
            finally
            {
                session.Listeners.Turn.Release();
            }
        }
    }

    private static async ValueTask<bool> TellAsync(BackendSlot slot, string method, string uri)
    {
        byte[] bytes = [.. System.Text.Encoding.ASCII.GetBytes($"{{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"{method}\",\"params\":{{\"uri\":"), .. JsonText.Quote(uri), .. "}}"u8];
        try
        {
            using var response = await slot.RequestAsync(new BackendRequest { Bytes = bytes, Id = new ByteRange(22, 1), Method = method }, CancellationToken.None);
            return response.Kind == RpcKind.Response;
        }
        catch (Exception e) when (e is BackendUnavailableException or TimeoutException or ObjectDisposedException)
        {
            return false;
        }
    }

    private static byte[] Acknowledgement(IReadOnlyList<string> lists, IReadOnlyList<string> resources)
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output, RelaxedJson.Options);
        json.WriteStartObject();
        json.WriteString("jsonrpc", "2.0");
        json.WriteString("method", Methods.SubscriptionsAcknowledged);
        json.WriteStartObject("params");
        json.WriteStartObject("notifications");
        foreach (var list in lists)
            json.WriteBoolean(list, true);
        if (resources.Count > 0)
        {
            json.WriteStartArray("resourceSubscriptions");
            foreach (var uri in resources)
                json.WriteStringValue(uri);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }
}
