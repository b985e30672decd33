using System.Buffers;
using Oktsec.Core.Policy;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>Answers the four list methods with what this agent may see.</summary>
internal sealed class ListReply(ListGatherer gatherer, Offers offers, CatalogueMemory memory)
{
    /// <summary>1,000 items: more than any client shows at once, and about a megabyte.</summary>
    private const int PageSize = 1000;

    private const int InvalidParams = -32602;

    /// <summary>The response to a list request.</summary>
    public Task<byte[]> AnswerAsync(GatewaySession session, ListKind kind, RpcMessage request, PolicySnapshot policies, CancellationToken cancel) =>
        session.Slots.Count == 1
            ? PassPageAsync(session, kind, request, policies, cancel)
            : JoinAsync(session, kind, request, policies, cancel);

    /// <summary>One backend: its own page, item by item as it spelled them, less what is hidden; cursors and other members pass.</summary>
    private async Task<byte[]> PassPageAsync(GatewaySession session, ListKind kind, RpcMessage request, PolicySnapshot policies, CancellationToken cancel)
    {
        var slot = session.Slots[0];
        var backend = await slot.ConnectAsync(cancel);
        if (!backend.Offers(kind.Capability))
            return RpcReply.Error(request.Span(request.Id), -32601, "Method not found");
        using var response = await slot.RequestAsync(Outgoing.Unchanged(request), cancel);
        if (response.Kind == RpcKind.ErrorResponse)
            return Splice.ToArray(response.Bytes.Span, [new Edit(response.Id, request.Memory(request.Id))]);
        var result = response.Memory(response.Result);
        var page = ListResult.Read(result, kind.Member, kind.Key, out _);
        var isWhole = request.Cursor.IsEmpty && page.NextCursor.IsEmpty;
        if (isWhole)
            await memory.LearnAsync(slot.Name, kind, [.. page.Items.Select(Own)]);
        var judged = await offers.JudgeAsync(kind, slot.Name, page.Items, session, policies, memory.Names(kind));
        if (isWhole)
            session.Catalogue.Replace(kind, slot.Name, judged);
        else
            session.Catalogue.Add(kind, judged);
        var list = JsonMembers.Find(result.Span, System.Text.Encoding.UTF8.GetBytes(kind.Member));
        if (list.IsEmpty)
            return Splice.ToArray(response.Bytes.Span, [new Edit(response.Id, request.Memory(request.Id))]);
        var shifted = list with { Start = response.Result.Start + list.Start };
        var items = new Edit(shifted, Items(Visible(session, judged, policies)));
        var id = new Edit(response.Id, request.Memory(request.Id));
        return Splice.ToArray(response.Bytes.Span, response.Id.Start < shifted.Start ? [id, items] : [items, id]);
    }

    /// <summary>Several backends: everything of all of them in the order of the configuration, under cursors of ours.</summary>
    private async Task<byte[]> JoinAsync(GatewaySession session, ListKind kind, RpcMessage request, PolicySnapshot policies, CancellationToken cancel)
    {
        var id = request.Memory(request.Id);
        var from = 0;
        IReadOnlyList<string> degraded = [];
        if (request.Cursor.IsEmpty)
            degraded = await gatherer.GatherAsync(session, kind, policies, cancel);
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

    private static byte[] Items(IEnumerable<ReadOnlyMemory<byte>> items)
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
        return offers.Where(o => !o.IsPoisoned && policy is not null && (policy.Allows(o.Target) || policies.IsObserving)).Select(o => o.Definition);
    }

    private static ListItem Own(ListItem item) => item with { Bytes = item.Bytes.ToArray(), InputSchema = default };

    private static bool TryReadCursor(RpcMessage request, out int from)
    {
        from = 0;
        var text = JsonText.Decode(request.Span(request.Cursor));
        return text.StartsWith("oktsec-", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(7), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out from);
    }
}
