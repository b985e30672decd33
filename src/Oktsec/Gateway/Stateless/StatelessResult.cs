using Microsoft.AspNetCore.Http;
using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway.Stateless;

/// <summary>Makes the answer of a backend of an earlier revision one of 2026-07-28: a few bytes are put in, none is taken away.</summary>
internal static class StatelessResult
{
    private const int ResourceNotFound = -32002; // MCP 2026-07-28, Overview, "Error Codes": MUST NOT be emitted; -32602 took its place

    /// <summary>Edits an answer; returns the HTTP status to send it with.</summary>
    public static int Complete(List<Edit> edits, Exchange x, BackendSlot slot, RpcMessage response)
    {
        _ = slot;
        if (response.Kind == RpcKind.ErrorResponse)
            return Error(edits, response);
        Complete(edits, x.Message.Method, response.Bytes.Span, response.Result);
        return StatusCodes.Status200OK;
    }

    /// <summary>The same for an answer that is ours already, a list's.</summary>
    public static (byte[] Answer, int Status) Complete(string method, byte[] answer)
    {
        var edits = new List<Edit>();
        if (JsonMembers.Find(answer, "result"u8) is { IsEmpty: false } result)
            Complete(edits, method, answer, result);
        else if (JsonMembers.Find(answer, "error"u8) is { IsEmpty: false } error && Code(answer, error, out _) == RequestRefusal.MethodNotFound)
            return (answer, StatusCodes.Status404NotFound);
        return (edits.Count == 0 ? answer : Splice.ToArray(answer, edits.ToArray()), StatusCodes.Status200OK);
    }

    private static void Complete(List<Edit> edits, string method, ReadOnlySpan<byte> bytes, ByteRange result)
    {
        if (bytes[result.Start] != '{')
            return;
        var members = ResultMembers.Read(bytes, result);
        var isCacheable = members.IsComplete && (method == Methods.ResourcesRead || ListKind.OfMethod(method) is not null);
        var text = "";
        if (members.ResultType.IsEmpty)
            text = "\"resultType\":\"complete\",";
        // Utilities, "Caching": how long it stays fresh is the backend's to say, and unknown where it says nothing.
        if (isCacheable && members.TtlMs.IsEmpty)
            text += "\"ttlMs\":0,";
        if (isCacheable && members.CacheScope.IsEmpty)
            text += "\"cacheScope\":\"private\",";
        else if (isCacheable) // What one agent may see is no other's business, whoever keeps it.
            Outgoing.Put(edits, members.CacheScope, "\"private\""u8.ToArray());
        if (text.Length > 0)
            Outgoing.Put(edits, new ByteRange(result.Start + 1, 0), System.Text.Encoding.ASCII.GetBytes(members.IsEmpty ? text[..^1] : text));
    }

    // Streamable HTTP: an unknown method and a missing capability show in the status too, whoever found it out.
    private static int Error(List<Edit> edits, RpcMessage response)
    {
        switch (Code(response.Bytes.Span, response.Error, out var range))
        {
            case ResourceNotFound:
                Outgoing.Put(edits, range, RpcIds.Of(RequestRefusal.InvalidParams));
                return StatusCodes.Status200OK;
            case RequestRefusal.MethodNotFound:
                return StatusCodes.Status404NotFound;
            case RequestRefusal.MissingClientCapability:
                return StatusCodes.Status400BadRequest;
            default:
                return StatusCodes.Status200OK;
        }
    }

    private static long Code(ReadOnlySpan<byte> bytes, ByteRange error, out ByteRange range)
    {
        var code = JsonMembers.Find(bytes.Slice(error.Start, error.Length), "code"u8);
        range = code with { Start = error.Start + code.Start };
        return RpcIds.TryGetNumber(bytes.Slice(range.Start, range.Length), out var number) ? number : 0;
    }
}
