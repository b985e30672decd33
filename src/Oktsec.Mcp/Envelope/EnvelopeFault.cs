namespace Oktsec.Mcp.Envelope;

/// <summary>Why bytes are not one unambiguous JSON-RPC message.</summary>
public enum EnvelopeFault : byte
{
    None,
    Empty,
    NotJson,
    InvalidUtf8,
    ByteOrderMark,
    TrailingBytes,
    TooDeep,
    TooLarge,
    DuplicateKey,
    Batch,
    NotAnObject,
    BadVersion,
    BadId,
    BadMethod,
    BadParams,
    CaseVariantKey,
    UnknownShape,
}

/// <summary>A refused message: the reason, the JSON-RPC code and a sentence for the peer.</summary>
/// <param name="Fault">Why.</param>
/// <param name="Code">-32700 when the bytes are not JSON, else -32600 (JSON-RPC 2.0, section 5.1).</param>
/// <param name="Detail">A sentence naming the place and the remedy; it never repeats content.</param>
/// <param name="Id">The id's raw token when it could be read without doubt, else empty.</param>
/// <param name="Offset">Byte offset of the problem.</param>
public sealed record EnvelopeError(EnvelopeFault Fault, int Code, string Detail, ReadOnlyMemory<byte> Id, int Offset);

/// <summary>Sizes beyond which a message is refused unread.</summary>
/// <param name="MaxBytes">Length of one message in bytes.</param>
/// <param name="MaxDepth">Nesting of objects and arrays; the outermost object is 1.</param>
public sealed record EnvelopeLimits(int MaxBytes, int MaxDepth)
{
    /// <summary>4 MiB and 64 levels: more than the largest prompt a model takes, and the default depth of System.Text.Json.</summary>
    public static EnvelopeLimits FromAgents { get; } = new(4 * 1024 * 1024, 64);

    /// <summary>32 MiB and 64 levels: the result cap.</summary>
    public static EnvelopeLimits FromBackends { get; } = new(32 * 1024 * 1024, 64);
}
