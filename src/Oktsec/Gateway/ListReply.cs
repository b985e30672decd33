using System.Buffers;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;
using Oktsec.Scanning;

namespace Oktsec.Gateway;

/// <summary>Answers the four list methods with what this agent may see.</summary>
internal sealed class ListReply(SecurityPipeline responses, ListGatherer gatherer, Offers offers, CatalogueMemory memory, TimeProvider time)
{
    /// <summary>1,000 items: more than any client shows at once, and about a megabyte.</summary>
    private const int PageSize = 1000;

    private const int InvalidParams = -32602;

    /// <summary>The response to a list request.</summary>
    /// <exception cref="BackendUnavailableException">No backend gives a list, and none ever has.</exception>
    public Task<byte[]> AnswerAsync(Exchange x, ListKind kind, CancellationToken cancel) =>
        x.Session.Slots is [var only] ? PassAsync(x, only, kind, cancel) : JoinAsync(x.Session, kind, x.Message, x.Call.Policies, cancel);

    private async Task<byte[]> PassAsync(Exchange x, BackendSlot slot, ListKind kind, CancellationToken cancel)
    {
        var name = slot.Name;
        try
        {
            return await PassPageAsync(x, slot, kind, cancel);
        }
        catch (Exception e) when (e is BackendUnavailableException or TimeoutException && x.Message.Cursor.IsEmpty && memory.LastGood(name, kind) is not null)
        {
            var offered = await offers.JudgeAsync(kind, name, memory.LastGood(name, kind)!, x.Session, x.Call.Policies, memory.Names(kind));
            x.Session.Catalogue.Replace(kind, name, offered);
            return RpcReply.Result(x.Message.Span(x.Message.Id), Array(kind, Visible(x.Session, offered, x.Call.Policies), [name]));
        }
    }

    /// <summary>One backend: its own page, item by item as it spelled them, less what is hidden; cursors and other members pass.</summary>
    private async Task<byte[]> PassPageAsync(Exchange x, BackendSlot slot, ListKind kind, CancellationToken cancel)
    {
        var (session, request, policies) = (x.Session, x.Message, x.Call.Policies);
        // Nobody waits for the progress of a list: under a token of ours it finds no call, under the agent's own it might find another agent's.
        var token = slot.Config.Shared || session.IsStateless ? slot.Progress.NewToken() : default;
        using var response = await AskAsync(slot, Outgoing.Of(request, default, null, token, x.Decision, null), request.Cursor.IsEmpty && memory.LastGood(slot.Name, kind) is not null, cancel);
        var result = response.Memory(response.Result);
        var place = PlaceOf(response, kind);
        var id = new Edit(response.Id, request.Memory(request.Id));
        if (place.IsEmpty)
            return Shell(x, response, null) ?? Splice.ToArray(response.Bytes.Span, [id]);
        var page = ListResult.Read(result, kind.Member, kind.Key, out _);
        var isWhole = request.Cursor.IsEmpty && page.NextCursor.IsEmpty;
        if (isWhole)
            await memory.LearnAsync(slot.Name, kind, [.. page.Items.Select(Own)]);
        var judged = await offers.JudgeAsync(kind, slot.Name, page.Items, session, policies, memory.Names(kind));
        if (isWhole)
            session.Catalogue.Replace(kind, slot.Name, judged);
        else
            session.Catalogue.Add(kind, judged);
        if (Shell(x, response, place) is { } denial)
            return denial;
        var items = new Edit(place, Items(Visible(session, judged, policies)));
        return Splice.ToArray(response.Bytes.Span, response.Id.Start < place.Start ? [id, items] : [items, id]);
    }

    // As for several backends (ListGatherer): whoever hangs while it lists keeps nobody waiting.
    private static async Task<RpcMessage> AskAsync(BackendSlot slot, BackendRequest request, bool isKnown, CancellationToken cancel)
    {
        await slot.ConnectAsync(cancel);
        using var limit = slot.Health.ListLimit(isKnown, slot.Config.StartTimeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            var response = await slot.RequestAsync(request, either.Token);
            slot.Health.Listed();
            return response;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            slot.Health.Hung();
            throw new BackendUnavailableException(slot.Name, "does not answer when asked for a list", sent: false);
        }
    }

    // What surrounds the items (cursor, _meta, an error's text) is content too; the items themselves are judged one by one.
    private byte[]? Shell(Exchange x, RpcMessage response, ByteRange? items)
    {
        var call = new CallContext
        {
            Policies = x.Call.Policies,
            Principal = x.Call.Principal,
            Policy = x.Call.Policy,
            Method = x.Call.Method,
            IsRequest = false,
            Content = items is { } range ? WithoutItems(response, range) : response.Bytes,
            Place = Place.Result,
            Timestamp = time.GetTimestamp(),
        };
        var decision = responses.Evaluate(call);
        return decision.IsAllowed && decision.Edits.Count == 0 ? null
            : RpcReply.Error(x.Message.Span(x.Message.Id), -32600, decision.IsAllowed ? "blocked by oktsec: content_blocked" : DenialResponse.Text(decision, Held.Nothing));
    }

    /// <summary>A list response without its items.</summary>
    internal static byte[] WithoutItems(RpcMessage response, ByteRange items) => Splice.ToArray(response.Bytes.Span, [new Edit(items, "[]"u8.ToArray())]);

    /// <summary>Where the items stand in a list response; empty when it has none.</summary>
    internal static ByteRange PlaceOf(RpcMessage response, ListKind kind)
    {
        var list = response.Result.IsEmpty ? default : JsonMembers.Find(response.Span(response.Result), System.Text.Encoding.UTF8.GetBytes(kind.Member));
        return list.IsEmpty ? default : list with { Start = response.Result.Start + list.Start };
    }

    /// <summary>Several backends: everything of all of them in the order of the configuration, under cursors of ours.</summary>
    private async Task<byte[]> JoinAsync(GatewaySession session, ListKind kind, RpcMessage request, PolicySnapshot policies, CancellationToken cancel)
    {
        var id = request.Memory(request.Id);
        var from = 0;
        IReadOnlyList<string> degraded = [];
        if (request.Cursor.IsEmpty)
        {
            degraded = await gatherer.GatherAsync(session, kind, policies, cancel);
            if (degraded.Count > 0 && session.Slots.All(s => !session.Catalogue.Knows(kind, s.Name)))
                throw new BackendUnavailableException(degraded[0], session.Slot(degraded[0])?.Health.Reason is { Length: > 0 } why ? why : "gives no list", sent: false);
        }
        else if (!TryReadCursor(request, out from))
            return RpcReply.Error(id.Span, InvalidParams, "Invalid cursor: use nextCursor of the page before");
        var all = Visible(session, session.Slots.SelectMany(s => session.Catalogue.InOrder(kind, s.Name)), policies).ToList();
        var page = all.Skip(from).Take(PageSize);
        var next = from + PageSize < all.Count ? $"oktsec-{from + PageSize}" : "";
        return RpcReply.Result(id.Span, Array(kind, page, degraded, next));
    }

    internal static byte[] Array(ListKind kind, IEnumerable<ReadOnlyMemory<byte>> items, IReadOnlyList<string> degraded, string nextCursor = "")
    {
        var output = new ArrayBufferWriter<byte>(4096);
        output.Write("{"u8);
        output.Write(JsonText.Quote(kind.Member));
        output.Write(":"u8);
        output.Write(Items(items));
        if (nextCursor.Length > 0)
        {
            output.Write(",\"nextCursor\":"u8);
            output.Write(JsonText.Quote(nextCursor));
        }
        if (degraded.Count > 0)
        {
            output.Write(",\"_meta\":{\"oktsec/degraded\":["u8);
            output.Write(System.Text.Encoding.UTF8.GetBytes(string.Join(",", degraded.Select(d => System.Text.Encoding.UTF8.GetString(JsonText.Quote(d))))));
            output.Write("]}"u8);
        }
        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>An array of the items as they are spelled.</summary>
    internal static byte[] Items(IEnumerable<ReadOnlyMemory<byte>> items)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        output.Write("["u8);
        var first = true;
        foreach (var item in items)
        {
            if (!first)
                output.Write(","u8);
            first = false;
            output.Write(item.Span);
        }
        output.Write("]"u8);
        return output.WrittenSpan.ToArray();
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Visible(GatewaySession session, IEnumerable<Offer> offers, PolicySnapshot policies)
    {
        var policy = policies.PolicyOf(session.Principal);
        return offers.Where(o => IsVisible(o, policy, policies)).Select(o => Shown(session, o));
    }

    // What a backend of an earlier revision says is of that revision, and stays as it is.
    private static ReadOnlyMemory<byte> Shown(GatewaySession session, Offer offer) =>
        session.IsStateless || offer.Target.Kind is not TargetKind.Tool || session.Slot(offer.Target.Backend)?.Current is { Handshake.Discovered: null }
            ? offer.Definition : SessionView.Tool(offer.Definition);

    /// <summary>Whether an agent is shown an offer.</summary>
    internal static bool IsVisible(Offer offer, AgentPolicy? policy, PolicySnapshot policies) =>
        !offer.IsPoisoned && (policies.IsObserving || (policy is not null && policy.Allows(offer.Target)));

    private static ListItem Own(ListItem item) => item with { Bytes = item.Bytes.ToArray(), InputSchema = default };

    private static bool TryReadCursor(RpcMessage request, out int from)
    {
        from = 0;
        var text = JsonText.Decode(request.Span(request.Cursor));
        return text.StartsWith("oktsec-", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(7), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out from);
    }
}
