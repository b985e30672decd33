using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Oktsec.Mcp.Envelope;

/// <summary>The members a relay reads; each stands at one place of the message.</summary>
internal enum EnvelopeMember : byte
{
    /// <summary>A key that means nothing to a relay.</summary>
    None,

    /// <summary>A known key spelled with other letter case.</summary>
    CaseVariant,

    /// <summary>A known key whose value is not lifted.</summary>
    Known,
    Version,
    Id,
    Method,
    Params,
    Result,
    Error,
    Name,
    Arguments,
    Uri,
    Cursor,
    Reference,
    Meta,
    ProgressToken,
    RequestId,
    MetaProgressToken,
    MetaVersion,
    MetaCapabilities,
    MetaClientInfo,
    MetaLogLevel,
    InputResponses,
    RequestState,
    ErrorCode,
    ErrorMessage,
}

/// <summary>Where the value of a member stands and what kind of JSON it is; <see cref="JsonTokenType.None"/> when the member is absent.</summary>
internal struct FoundValue
{
    public int Start;
    public int Length;
    public JsonTokenType Type;

    public readonly bool IsPresent => Type != JsonTokenType.None;

    public readonly ByteRange Range => new(Start, Length);

    public readonly ReadOnlySpan<byte> In(ReadOnlySpan<byte> bytes) => bytes.Slice(Start, Length);

    /// <summary>A string, or a number spelled as an integer of any length. JSON-RPC 2.0, section 4: "SHOULD NOT contain fractional parts".</summary>
    public readonly bool IsStringOrInteger(ReadOnlySpan<byte> bytes) => Type == JsonTokenType.String || IsInteger(bytes);

    public readonly bool IsInteger(ReadOnlySpan<byte> bytes) => Type == JsonTokenType.Number && !In(bytes).ContainsAny(".eE"u8);
}

/// <summary>One <see cref="FoundValue"/> for each <see cref="EnvelopeMember"/>.</summary>
[InlineArray((int)EnvelopeMember.ErrorMessage + 1)]
internal struct FoundMembers
{
    private FoundValue _first;
}
