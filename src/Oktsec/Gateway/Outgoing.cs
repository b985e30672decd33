using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway;

/// <summary>Makes the request for a backend out of an agent's: the same bytes, but for what must change.</summary>
internal static class Outgoing
{
    public static BackendRequest Unchanged(RpcMessage message) =>
        new() { Bytes = message.Bytes, Id = message.Id, Method = message.Method, IsModern = StatelessRules.IsStateless(message) };

    /// <summary>Renames the target to the backend's own name, replaces a progress token, applies redactions and one more edit.</summary>
    public static BackendRequest Of(RpcMessage message, ByteRange nameRange, string? ownName, ReadOnlyMemory<byte> progressToken, Decision decision, object? origin, Edit? more = null)
    {
        var token = message.ProgressToken.IsEmpty ? default : progressToken.IsEmpty ? message.Memory(message.ProgressToken) : progressToken;
        if (ownName is null && progressToken.IsEmpty && decision.Edits.Count == 0 && more is null)
            return new() { Bytes = message.Bytes, Id = message.Id, Method = message.Method, ProgressToken = token, Origin = origin, IsModern = StatelessRules.IsStateless(message) };
        var edits = Edits(decision);
        if (ownName is not null)
            Put(edits, nameRange, JsonText.Quote(ownName));
        if (!progressToken.IsEmpty && !message.ProgressToken.IsEmpty)
            Put(edits, message.ProgressToken, progressToken);
        if (more is { } edit)
            Put(edits, edit.Range, edit.Replacement);
        // The connection replaces the id: nothing else may touch it, and its place moves with what is changed before it.
        edits.RemoveAll(e => Overlaps(e.Range, message.Id));
        var shift = edits.Where(e => e.Range.End <= message.Id.Start).Sum(e => e.Replacement.Length - e.Range.Length);
        return new()
        {
            Bytes = Splice.ToArray(message.Bytes.Span, edits.ToArray()),
            Id = message.Id with { Start = message.Id.Start + shift },
            Method = message.Method,
            ProgressToken = token,
            Origin = origin,
            IsModern = StatelessRules.IsStateless(message),
        };
    }

    /// <summary>A part of a message, with the redactions that fall into it.</summary>
    public static ReadOnlyMemory<byte> Slice(RpcMessage message, Decision decision, ByteRange range)
    {
        var inside = Edits(decision).Where(e => e.Range.Start >= range.Start && e.Range.End <= range.End)
            .Select(e => e with { Range = e.Range with { Start = e.Range.Start - range.Start } }).ToArray();
        return Splice.ToArray(message.Span(range), inside);
    }

    /// <summary>A decision's redactions as edits of the message they were found in.</summary>
    public static List<Edit> Edits(Decision decision) =>
        [.. decision.Edits.Select(e => new Edit(new ByteRange(e.Start, e.Length), e.Replacement))];

    /// <summary>Adds an edit in order; redactions inside its range give way.</summary>
    public static void Put(List<Edit> edits, ByteRange range, ReadOnlyMemory<byte> replacement)
    {
        edits.RemoveAll(e => Overlaps(e.Range, range));
        var at = edits.FindIndex(e => e.Range.Start > range.Start);
        edits.Insert(at < 0 ? edits.Count : at, new Edit(range, replacement));
    }

    private static bool Overlaps(ByteRange a, ByteRange b) => a.Start < b.End && b.Start < a.End;
}
