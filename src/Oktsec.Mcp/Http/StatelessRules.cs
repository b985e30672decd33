using System.Text;
using Microsoft.AspNetCore.Http;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Http;

/// <summary>Revision 2026-07-28 per request: whether a message is of it, and what its headers and <c>_meta</c> must be.</summary>
/// <remarks>The body decides. Headers are for those who do not read bodies; here they are only compared, so that nobody on the way was told another story.</remarks>
public static class StatelessRules
{
    public const string Method = "Mcp-Method";
    public const string Name = "Mcp-Name";

    private const int BadRequest = StatusCodes.Status400BadRequest;

    /// <summary>128 characters of a version nobody knows are echoed.</summary>
    private const int LongestVersion = 128;

    /// <summary>The log levels, the lowest first (Utilities, "Logging").</summary>
    public static IReadOnlyList<string> LogLevels { get; } = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

    private static readonly byte[] s_quoted = Encoding.ASCII.GetBytes($"\"{Revisions.Stateless}\"");

    /// <summary>Whether a message says that it is of this revision; what <see cref="Check"/> let pass.</summary>
    public static bool IsStateless(RpcMessage message) =>
        !message.Version.IsEmpty && (message.Span(message.Version).SequenceEqual(s_quoted) || TextOf(message, message.Version) == Revisions.Stateless);

    /// <summary>Whether a message is to be served without a session: its body or its header says so (Versioning, "Compatibility Matrix").</summary>
    public static bool Applies(RpcMessage message, IHeaderDictionary headers) =>
        headers[HeaderRules.Version] is [Revisions.Stateless]
        || (!message.Version.IsEmpty && !(TextOf(message, message.Version) is { } claimed && Revisions.Supported.Contains(claimed)));

    /// <summary>Why such a message is refused, or null. Headers given more than once were refused before.</summary>
    public static RequestRefusal? Check(RpcMessage message, IHeaderDictionary headers)
    {
        if (message.Kind is RpcKind.Response or RpcKind.ErrorResponse)
            return new(BadRequest, RequestRefusal.InvalidRequest, $"revision {Revisions.Stateless} has no answers from clients; send inputResponses with the request again");
        return Meta(message) ?? Version(message, headers) ?? Mirrored(message, headers) ?? Known(message);
    }

    /// <summary>The level that log messages for this request must have at least; -1 when it wants none.</summary>
    public static int LogLevel(RpcMessage message) => message.LogLevel.IsEmpty ? -1 : LevelOf(TextOf(message, message.LogLevel));

    /// <summary>The rank of a log level, 0 for debug; -1 when it is none.</summary>
    public static int LevelOf(string? level)
    {
        for (var i = 0; i < LogLevels.Count; i++)
        {
            if (LogLevels[i] == level)
                return i;
        }
        return -1;
    }

    // Overview, "_meta": "A request missing any required field is malformed". Notifications need none.
    private static RequestRefusal? Meta(RpcMessage message)
    {
        if (message.Kind == RpcKind.Request && message.Version.IsEmpty)
        {
            // The body asks for a session, the header for none.
            return message.Method == Methods.Initialize
                ? Mismatch($"initialize opens a session and must not come with {HeaderRules.Version}: {Revisions.Stateless}")
                : Invalid("params._meta must have io.modelcontextprotocol/protocolVersion and io.modelcontextprotocol/clientCapabilities");
        }
        return !message.Version.IsEmpty && TextOf(message, message.Version) is null ? Invalid("_meta: io.modelcontextprotocol/protocolVersion must be a string")
            : message.Kind == RpcKind.Request && !IsObject(message, message.ClientCapabilities) ? Invalid("_meta: io.modelcontextprotocol/clientCapabilities must be an object")
            : !message.ClientInfo.IsEmpty && !IsObject(message, message.ClientInfo) ? Invalid("_meta: io.modelcontextprotocol/clientInfo must be an object")
            : !message.LogLevel.IsEmpty && LogLevel(message) < 0 ? Invalid($"_meta: io.modelcontextprotocol/logLevel must be one of {string.Join(", ", LogLevels)}")
            : null;
    }

    // Streamable HTTP, "Protocol Version Header".
    private static RequestRefusal? Version(RpcMessage message, IHeaderDictionary headers)
    {
        if (message.Version.IsEmpty)
            return null; // a notification, told by its header
        var claimed = TextOf(message, message.Version)!;
        if (headers[HeaderRules.Version] is not [{ } header])
            return Mismatch($"{HeaderRules.Version} is required and must be what _meta says");
        if (header != claimed)
            return Mismatch($"{HeaderRules.Version} is not the protocolVersion in _meta");
        return claimed == Revisions.Stateless ? null
            : new(BadRequest, RequestRefusal.UnsupportedVersion, "Unsupported protocol version", Supported(claimed));
    }

    // Streamable HTTP, "Server Validation".
    private static RequestRefusal? Mirrored(RpcMessage message, IHeaderDictionary headers)
    {
        var isRequest = message.Kind == RpcKind.Request;
        if (headers[Method] is not [{ } method])
            return isRequest || headers[Method].Count > 1 ? Mismatch($"{Method} is required once") : null;
        if (method != message.Method)
            return Mismatch($"{Method} is not the method of the message");
        var named = Named(message);
        if (named.IsEmpty)
            return null;
        if (headers[Name] is not [{ } name])
            return Mismatch($"{Name} is required once and must be what params say");
        return !MirroredValue.TryDecode(name, out var decoded) ? Mismatch($"{Name} is neither printable ASCII nor well-formed Base64 between =?base64? and ?=")
            : decoded != TextOf(message, named) ? Mismatch($"{Name} is not what params say")
            : null;
    }

    // Key Changes, 2, 4, 5 and 6. A client of sessions learns from the error of initialize what is spoken here (Versioning, "Backward Compatibility").
    private static RequestRefusal? Known(RpcMessage message) => message.Method switch
    {
        Methods.Initialize => Gone($"Method not found: sessions open without _meta, revision {Revisions.Stateless} has none; spoken here: {Revisions.Stateless}, {string.Join(", ", Revisions.Supported)}"),
        Methods.Ping or Methods.SetLevel or Methods.ResourcesSubscribe or Methods.ResourcesUnsubscribe or Methods.TasksList or Methods.TasksResult =>
            Gone($"Method not found: not in revision {Revisions.Stateless}"),
        _ => null,
    };

    private static RequestRefusal Gone(string detail) => new(StatusCodes.Status404NotFound, RequestRefusal.MethodNotFound, detail);

    // The tasks extension mirrors its id the same way.
    private static ByteRange Named(RpcMessage message) => message.Method switch
    {
        Methods.ToolsCall or Methods.PromptsGet => message.Name,
        Methods.ResourcesRead => message.Uri,
        Methods.TasksGet or Methods.TasksUpdate or Methods.TasksCancel when !message.Params.IsEmpty => Text(message, "taskId"u8),
        _ => default,
    };

    private static ByteRange Text(RpcMessage message, ReadOnlySpan<byte> member)
    {
        var range = JsonMembers.Find(message.Span(message.Params), member);
        return range.IsEmpty || message.Span(message.Params)[range.Start] != '"' ? default : range with { Start = message.Params.Start + range.Start };
    }

    private static byte[] Supported(string claimed) =>
    [
        .. "{\"supported\":["u8, .. s_quoted, .. "],\"requested\":"u8,
        .. JsonText.Quote(claimed.Length <= LongestVersion ? claimed : claimed[..LongestVersion]), .. "}"u8,
    ];

    private static string? TextOf(RpcMessage message, ByteRange range) => JsonText.TryDecode(message.Span(range));

    private static bool IsObject(RpcMessage message, ByteRange range) => !range.IsEmpty && message.Span(range)[0] == '{';

    private static RequestRefusal Invalid(string detail) => new(BadRequest, RequestRefusal.InvalidParams, detail);

    private static RequestRefusal Mismatch(string detail) => new(BadRequest, RequestRefusal.HeaderMismatch, detail);
}
