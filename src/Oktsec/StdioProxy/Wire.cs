using Oktsec.Core.Pipeline;
using Oktsec.Gateway;
using Oktsec.Mcp.Envelope;

namespace Oktsec.StdioProxy;

/// <summary>The bytes that go on.</summary>
internal static class Wire
{
    /// <summary>A judged line as it is forwarded where decisions are enforced: with the decision's edits, and as one line to any reader.</summary>
    public static ReadOnlyMemory<byte> Of(RawLine line, IReadOnlyList<Edit> edits)
    {
        var body = line.Body;
        // To some readers a carriage return ends a line. In JSON it is only ever white space between tokens; a message that keeps one
        // would arrive as two, the second of the sender's choice.
        if (edits.Count == 0 && !body.Span.Contains((byte)'\r'))
            return line.Bytes;
        byte[] changed = [.. Splice.ToArray(body.Span, edits.ToArray()), .. line.LineEnd.Span];
        changed.AsSpan(0, changed.Length - line.LineEnd.Length).Replace((byte)'\r', (byte)' ');
        return changed;
    }

    /// <summary>The answer to a request that the server does not answer. Nothing in it is the server's text.</summary>
    public static byte[] Unanswered(byte[] id, Decision failure)
    {
        const int serverError = -32000; // JSON-RPC 2.0, section 5.1: left to implementations
        return RpcReply.Error(id, serverError, $"oktsec: {failure.Detail}");
    }

    public static List<Edit> Edits(Decision decision) => Outgoing.Edits(decision);
}
