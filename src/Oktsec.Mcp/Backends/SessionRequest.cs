using System.Text.Json;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>Makes a request for a session over HTTP out of one of 2026-07-28: what it says in <c>_meta</c> of itself is taken out, every other byte stays.</summary>
/// <remarks>
/// A server of both eras reads the revision there before it looks at the session, and refuses what says something else than the header. Over stdio
/// there is no header, and a session is what was opened.
/// </remarks>
internal static class SessionRequest
{
    public static BackendRequest Of(BackendRequest request)
    {
        var bytes = request.Bytes.Span;
        var meta = RequestShape.Of(bytes).Meta;
        if (meta.IsEmpty || bytes[meta.Start] != '{')
            return request;
        var edit = new Edit(meta, Others(request.Bytes.Slice(meta.Start, meta.Length)));
        var shift = meta.End <= request.Id.Start ? edit.Replacement.Length - meta.Length : 0;
        return request with { Bytes = Splice.ToArray(bytes, [edit]), Id = request.Id with { Start = request.Id.Start + shift } };
    }

    private static byte[] Others(ReadOnlyMemory<byte> meta)
    {
        var kept = new List<byte> { (byte)'{' };
        var reader = new Utf8JsonReader(meta.Span, JsonMembers.AnyDepth);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var isOfTheRevision = reader.ValueTextEquals("io.modelcontextprotocol/protocolVersion"u8) || reader.ValueTextEquals("io.modelcontextprotocol/clientInfo"u8)
                || reader.ValueTextEquals("io.modelcontextprotocol/clientCapabilities"u8) || reader.ValueTextEquals("io.modelcontextprotocol/logLevel"u8);
            reader.Read();
            reader.Skip();
            if (isOfTheRevision)
                continue;
            if (kept.Count > 1)
                kept.Add((byte)',');
            kept.AddRange(meta.Span[start..(int)reader.BytesConsumed]);
        }
        kept.Add((byte)'}');
        return [.. kept];
    }
}
