using System.Text;

namespace Oktsec.Mcp.Envelope;

/// <summary>Objects of a message whose keys a relay reads.</summary>
internal enum EnvelopePlace : byte
{
    Elsewhere,
    Envelope,
    Params,
    Meta,
    Reference,
    Error,
}

/// <summary>The keys that policy, routing or the revision bridge reads, by place, and the refusal of their look-alikes.</summary>
/// <remarks>
/// Go's encoding/json and .NET's web defaults match keys without regard to case, so <c>{"name": "a", "Name": "b"}</c> is one tool to us
/// and another to such a backend. Keys inside <c>arguments</c> belong to the tool and are compared exactly.
/// </remarks>
internal static class KnownKeys
{
    private static readonly Key[] Envelope =
    [
        new("jsonrpc", EnvelopeMember.Version), new("id", EnvelopeMember.Id), new("method", EnvelopeMember.Method),
        new("params", EnvelopeMember.Params), new("result", EnvelopeMember.Result), new("error", EnvelopeMember.Error),
    ];

    private static readonly Key[] Params =
    [
        new("name", EnvelopeMember.Name), new("arguments", EnvelopeMember.Arguments), new("uri", EnvelopeMember.Uri),
        new("cursor", EnvelopeMember.Cursor), new("ref", EnvelopeMember.Reference), new("_meta", EnvelopeMember.Meta),
        new("progressToken", EnvelopeMember.ProgressToken), new("requestId", EnvelopeMember.RequestId),
        new("protocolVersion"), new("capabilities"), new("clientInfo"), new("level"), new("argument"), new("taskId"), new("task"),
        new("inputResponses", EnvelopeMember.InputResponses), new("requestState", EnvelopeMember.RequestState),
    ];

    private static readonly Key[] Meta =
    [
        new("progressToken", EnvelopeMember.MetaProgressToken), new("io.modelcontextprotocol/protocolVersion", EnvelopeMember.MetaVersion),
        new("io.modelcontextprotocol/clientInfo", EnvelopeMember.MetaClientInfo),
        new("io.modelcontextprotocol/clientCapabilities", EnvelopeMember.MetaCapabilities),
        new("io.modelcontextprotocol/logLevel", EnvelopeMember.MetaLogLevel), new("io.modelcontextprotocol/subscriptionId"),
        new("io.modelcontextprotocol/related-task"),
    ];

    private static readonly Key[] Reference = [new("type"), new("name"), new("uri")];

    private static readonly Key[] Error =
        [new("code", EnvelopeMember.ErrorCode), new("message", EnvelopeMember.ErrorMessage), new("data")];

    /// <param name="place">The object the key stands in.</param>
    /// <param name="key">The decoded key.</param>
    /// <param name="variantOf">What the key looks like when the answer is <see cref="EnvelopeMember.CaseVariant"/>.</param>
    public static EnvelopeMember Find(EnvelopePlace place, ReadOnlySpan<byte> key, out EnvelopeMember variantOf)
    {
        variantOf = EnvelopeMember.None;
        var known = place switch
        {
            EnvelopePlace.Envelope => Envelope,
            EnvelopePlace.Params => Params,
            EnvelopePlace.Meta => Meta,
            EnvelopePlace.Reference => Reference,
            EnvelopePlace.Error => Error,
            _ => [],
        };
        foreach (var candidate in known)
        {
            if (key.SequenceEqual(candidate.Text))
                return candidate.Member;
        }
        foreach (var candidate in known)
        {
            if (!LooksLike(key, candidate.Lower))
                continue;
            variantOf = candidate.Member;
            return EnvelopeMember.CaseVariant;
        }
        return EnvelopeMember.None;
    }

    /// <summary>Compares under the widest case folding in use by a JSON reader.</summary>
    private static bool LooksLike(ReadOnlySpan<byte> key, ReadOnlySpan<byte> lower)
    {
        foreach (var expected in lower)
        {
            if (key.IsEmpty)
                return false;
            var (folded, length) = key[0] < 0x80 ? (ToLower(key[0]), 1) : FoldWide(key);
            if (folded != expected)
                return false;
            key = key[length..];
        }
        return key.IsEmpty;
    }

    private static byte ToLower(byte ascii) => ascii is >= (byte)'A' and <= (byte)'Z' ? (byte)(ascii | 0x20) : ascii;

    /// <summary>
    /// The four characters beyond ASCII that fold to an ASCII letter: long s and the Kelvin sign (Unicode CaseFolding.txt, status C: Go
    /// folds them), dotted capital and dotless small i (Java's equalsIgnoreCase folds them).
    /// </summary>
    private static (byte Folded, int Length) FoldWide(ReadOnlySpan<byte> key)
    {
        if (key.StartsWith("\u017F"u8))
            return ((byte)'s', 2);
        if (key.StartsWith("\u212A"u8))
            return ((byte)'k', 3);
        if (key.StartsWith("\u0130"u8) || key.StartsWith("\u0131"u8))
            return ((byte)'i', 2);
        return (0, 1);
    }

    private sealed class Key(string text, EnvelopeMember member = EnvelopeMember.Known)
    {
        public byte[] Text { get; } = Encoding.ASCII.GetBytes(text);

        public byte[] Lower { get; } = Encoding.ASCII.GetBytes(text.ToLowerInvariant());

        public EnvelopeMember Member { get; } = member;
    }
}
