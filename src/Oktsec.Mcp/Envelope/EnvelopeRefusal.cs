using System.Globalization;

namespace Oktsec.Mcp.Envelope;

/// <summary>The sentence and the code of each fault. Sentences name our own words and byte offsets only, never what was sent.</summary>
internal static class EnvelopeRefusal
{
    private const int ParseError = -32700; // JSON-RPC 2.0, section 5.1: "Invalid JSON was received"
    private const int InvalidRequest = -32600; // the same: "The JSON sent is not a valid Request object"

    public static EnvelopeError Of(EnvelopeFault fault, int offset, ReadOnlyMemory<byte> id = default, string? what = null) =>
        new(fault, CodeOf(fault), string.Create(CultureInfo.InvariantCulture, $"{what ?? What(fault)} (byte {offset}); {Remedy(fault)}"), id, offset);

    public static EnvelopeError TooLarge(int length, int maxBytes) =>
        new(
            EnvelopeFault.TooLarge,
            InvalidRequest,
            string.Create(CultureInfo.InvariantCulture, $"the message has {length} bytes and the limit is {maxBytes}; send less or raise the limit"),
            default,
            maxBytes);

    public static int CodeOf(EnvelopeFault fault) => fault switch
    {
        EnvelopeFault.Empty or EnvelopeFault.NotJson or EnvelopeFault.InvalidUtf8 or EnvelopeFault.ByteOrderMark
            or EnvelopeFault.TrailingBytes => ParseError,
        _ => InvalidRequest,
    };

    private static string What(EnvelopeFault fault) => fault switch
    {
        EnvelopeFault.Empty => "the message is empty",
        EnvelopeFault.NotJson => "the message is not JSON",
        EnvelopeFault.InvalidUtf8 => "text is not Unicode: invalid UTF-8 or half a surrogate pair",
        EnvelopeFault.ByteOrderMark => "the message begins with a byte order mark",
        EnvelopeFault.TrailingBytes => "something follows the message",
        EnvelopeFault.TooDeep => "objects and arrays are nested too deep",
        EnvelopeFault.DuplicateKey => "an object has the same key twice",
        EnvelopeFault.Batch => "the message is an array (a batch)",
        EnvelopeFault.NotAnObject => "the message is not an object",
        EnvelopeFault.BadVersion => "\"jsonrpc\" is not \"2.0\"",
        EnvelopeFault.BadId => "\"id\" is neither a string nor an integer",
        EnvelopeFault.BadMethod => "\"method\" is not a string with text in it",
        EnvelopeFault.BadParams => "\"params\" is neither an object nor an array",
        EnvelopeFault.CaseVariantKey => "a known key is spelled with other letter case",
        _ => "the members make neither a request nor a notification nor a response",
    };

    private static string Remedy(EnvelopeFault fault) => fault switch
    {
        EnvelopeFault.Empty => "send one JSON-RPC message",
        EnvelopeFault.NotJson => "send one complete JSON value (RFC 8259: no comments, no trailing commas)",
        EnvelopeFault.InvalidUtf8 => "encode the text as UTF-8",
        EnvelopeFault.ByteOrderMark => "leave it out",
        EnvelopeFault.TrailingBytes => "send one message at a time",
        EnvelopeFault.TooDeep => "flatten the value or raise the limit",
        EnvelopeFault.DuplicateKey => "send each key once",
        EnvelopeFault.Batch => "send each message by itself",
        EnvelopeFault.NotAnObject => "send a JSON-RPC object",
        EnvelopeFault.BadVersion => "send \"jsonrpc\": \"2.0\"",
        EnvelopeFault.BadId => "send a string or an integer, or no id for a notification",
        EnvelopeFault.BadMethod => "send the method's name",
        EnvelopeFault.BadParams => "send what the method's schema says",
        EnvelopeFault.CaseVariantKey => "spell it as the specification does",
        _ => "send a method, or an id with either a result or an error {code, message}",
    };
}
