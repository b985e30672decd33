using System.Buffers;

namespace Oktsec.Mcp.Envelope;

/// <summary>What a JSON-RPC message is, told by its members.</summary>
public enum RpcKind : byte
{
    Request,
    Notification,
    Response,
    ErrorResponse,
}

/// <summary>A slice of a message's bytes: offset of the first byte and length, both in bytes.</summary>
public readonly record struct ByteRange(int Start, int Length)
{
    public bool IsEmpty => Length == 0;

    public int End => Start + Length;
}

/// <summary>One JSON-RPC message: the bytes as they came, and where the members that a relay needs stand in them.</summary>
/// <remarks>
/// Built only by <see cref="EnvelopeReader"/>, so a message that exists was judged well-formed: valid UTF-8, no duplicate keys at any
/// depth, within limits. Ranges hold the raw JSON token (quotes and braces included) and are empty when the member is absent.
/// The bytes are what is forwarded; nothing is ever re-serialised.
/// </remarks>
public sealed class RpcMessage : IDisposable
{
    private byte[]? _rented;

    internal RpcMessage(ReadOnlyMemory<byte> bytes, byte[]? rented)
    {
        Bytes = bytes;
        _rented = rented;
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    public RpcKind Kind { get; internal set; }

    /// <summary>The id as spelled (<c>42</c>, <c>"a\u0062"</c>); empty for a notification.</summary>
    public ByteRange Id { get; internal set; }

    /// <summary>The decoded method (<c>tools\/call</c> is <c>tools/call</c>); empty for responses.</summary>
    public string Method { get; internal set; } = "";

    public ByteRange Params { get; internal set; }

    public ByteRange Result { get; internal set; }

    public ByteRange Error { get; internal set; }

    /// <summary><c>params.name</c>: the tool or prompt; <see cref="NameText"/> is the decoded form, set where <see cref="Methods.HasName"/>.</summary>
    public ByteRange Name { get; internal set; }

    public string? NameText { get; internal set; }

    /// <summary><c>params.arguments</c>.</summary>
    public ByteRange Arguments { get; internal set; }

    /// <summary><c>params.uri</c>: the resource; <see cref="UriText"/> is the decoded form, set where <see cref="Methods.HasUri"/> and there is one.</summary>
    public ByteRange Uri { get; internal set; }

    public string? UriText { get; internal set; }

    /// <summary><c>params.cursor</c>.</summary>
    public ByteRange Cursor { get; internal set; }

    /// <summary><c>params.ref</c> of completion/complete.</summary>
    public ByteRange Reference { get; internal set; }

    /// <summary><c>params._meta</c> of a request or notification, <c>result._meta</c> is not lifted.</summary>
    public ByteRange Meta { get; internal set; }

    /// <summary><c>params._meta.progressToken</c> of a request, or <c>params.progressToken</c> of notifications/progress.</summary>
    public ByteRange ProgressToken { get; internal set; }

    /// <summary><c>params.requestId</c> of notifications/cancelled.</summary>
    public ByteRange CancelledId { get; internal set; }

    /// <summary>What revision 2026-07-28 says of itself in <c>params._meta</c> of every request; see its "General fields". Any JSON, not only what the schema says.</summary>
    public ByteRange Version { get; internal set; }

    public ByteRange ClientCapabilities { get; internal set; }

    public ByteRange ClientInfo { get; internal set; }

    public ByteRange LogLevel { get; internal set; }

    /// <summary><c>params.inputResponses</c> and <c>params.requestState</c> (2026-07-28, Multi Round-Trip Requests).</summary>
    public ByteRange InputResponses { get; internal set; }

    public ByteRange RequestState { get; internal set; }

    public ReadOnlySpan<byte> Span(ByteRange range) => Bytes.Span.Slice(range.Start, range.Length);

    public ReadOnlyMemory<byte> Memory(ByteRange range) => Bytes.Slice(range.Start, range.Length);

    /// <summary>Somebody goes on using the message after its request is over: its buffer is left to the collector.</summary>
    public void Keep() => _rented = null;

    /// <summary>Gives a rented buffer back. Safe to call twice; a message that is never disposed is left to the collector.</summary>
    public void Dispose()
    {
        var rented = Interlocked.Exchange(ref _rented, null);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }
}
