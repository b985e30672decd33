using System.Text;

namespace Oktsec.Tests.Http;

/// <summary>One way to spoil a call, and what must come of it.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Spoil">Makes the request out of a good one and a text that must not reach the backend.</param>
internal sealed record WireRow(string Name, int Status, Func<RawRequest, string, RawRequest> Spoil)
{
    /// <summary>The JSON-RPC code.</summary>
    public int Code { get; init; } = -32600;

    /// <summary>The raw id in the answer; empty when it may carry none.</summary>
    public string Id { get; init; } = "";

    public string Decision { get; init; } = "message_malformed";
}

/// <summary>The table: every line of "Strictness" and "Streamable HTTP front" that refuses a POST.</summary>
internal static class WireRows
{
    private const int ParseError = -32700;

    public static IReadOnlyList<WireRow> Headers { get; } =
    [
        Forbidden("origin of another site", (good, _) => good.Adding("Origin", "http://evil.example")),
        Forbidden("origin null", (good, _) => good.Adding("Origin", "null")),
        Forbidden("origin on loopback that is not listed", (good, _) => good.Adding("Origin", "http://localhost:3000")),
        Forbidden("origin that begins like an allowed one", (good, _) => good.Adding("Origin", "http://app.example.evil.example")),
        Forbidden("origin of an allowed host with another scheme", (good, _) => good.Adding("Origin", "https://app.example")),
        Forbidden("origin of an allowed host with another port", (good, _) => good.Adding("Origin", "http://app.example:8080")),
        Forbidden("two origins", (good, _) => good.Adding("Origin", "http://app.example").Adding("Origin", "http://evil.example")),
        Forbidden("host of another site", (good, _) => good.With("Host", "evil.example")),
        Forbidden("host that begins like ours", (good, _) => good.With("Host", "localhost.evil.example")),
        Forbidden("host that ends like ours", (good, _) => good.With("Host", "evil-localhost")),
        Forbidden("host that is another address", (good, _) => good.With("Host", "10.0.0.1")),

        new("no accept", 406, (good, _) => good.Without("Accept")),
        new("accept json only", 406, (good, _) => good.With("Accept", "application/json")),
        new("accept streams only", 406, (good, _) => good.With("Accept", "text/event-stream")),
        new("accept html", 406, (good, _) => good.With("Accept", "text/html")),
        new("no content type", 415, (good, _) => good.Without("Content-Type")),
        new("content type of a form", 415, (good, _) => good.With("Content-Type", "application/x-www-form-urlencoded")),
        new("content type of plain text", 415, (good, _) => good.With("Content-Type", "text/plain")),
        new("content type that begins like json", 415, (good, _) => good.With("Content-Type", "application/jsonx")),
        new("another charset", 415, (good, _) => good.With("Content-Type", "application/json; charset=utf-16")),
        new("content encoding", 415, (good, _) => good.Adding("Content-Encoding", "gzip")),
        new("unknown version", 400, (good, _) => good.With("MCP-Protocol-Version", "1999-01-01")) { Id = "7" },
        new("version that is no date", 400, (good, _) => good.With("MCP-Protocol-Version", "2025-11-25 ; x")) { Id = "7" },
        new("two versions", 400, (good, _) => good.Adding("MCP-Protocol-Version", "2025-06-18")),

        new("no session", 400, (good, _) => good.Without("Mcp-Session-Id")) { Code = -32000, Id = "7" },
        new("unknown session", 404, (good, _) => good.With("Mcp-Session-Id", "0123456789abcdef0123456789abcdef")) { Code = -32001, Id = "7" },
        new("empty session", 400, (good, _) => good.With("Mcp-Session-Id", "")) { Code = -32000, Id = "7" },
        new("two sessions", 400, (good, _) => good.Adding("Mcp-Session-Id", "0123456789abcdef0123456789abcdef")),

        new("body over the cap", 413, (good, marker) => good.WithBody(FrontAgent.Echo(marker + new string('x', 1_000_000)))),
        new("chunked body over the cap", 413, (good, marker) => good.WithBody(FrontAgent.Echo(marker + new string('x', 1_000_000))) with { ChunkSize = 30_000 }),
    ];

    public static IReadOnlyList<WireRow> Bodies { get; } =
    [
        NotJson("empty body", (good, _) => good.WithBody("")),
        NotJson("only white space", (good, _) => good.WithBody(" \r\n")),
        NotJson("byte order mark", (good, marker) => good.WithBody("\uFEFF" + FrontAgent.Echo(marker))),
        NotJson("two messages", (good, marker) => good.WithBody(FrontAgent.Echo(marker) + FrontAgent.Echo(marker))),
        NotJson("bytes after the message", (good, marker) => good.WithBody(FrontAgent.Echo(marker) + "\0")),
        NotJson("cut short", (good, marker) => good.WithBody(FrontAgent.Echo(marker)[..^1])),
        NotJson("comment", (good, marker) => good.WithBody("/**/" + FrontAgent.Echo(marker))),
        NotJson("trailing comma", (good, marker) => good.WithBody(FrontAgent.Echo(marker)[..^1] + ",}")),
        NotJson("NaN", (good, marker) => good.WithBody(FrontAgent.Echo(marker, id: "NaN"))),
        NotJson("Infinity", (good, marker) => good.WithBody(FrontAgent.Echo(marker, id: "Infinity"))),
        NotJson("invalid UTF-8", (good, marker) => good.WithBody([.. Encoding.UTF8.GetBytes(FrontAgent.Echo(marker)[..^4]), 0xFF, .. "\"}}}"u8])),
        NotJson("raw surrogate", (good, marker) => good.WithBody([.. Encoding.UTF8.GetBytes(FrontAgent.Echo(marker)[..^4]), 0xED, 0xA0, 0x80, .. "\"}}}"u8])),
        NotJson("UTF-16", (good, marker) => good.WithBody(Encoding.Unicode.GetBytes(FrontAgent.Echo(marker)))),
        NotJson("control character", (good, marker) => good.WithBody(FrontAgent.Echo(marker + "\u0001"))),
        NotJson("half a surrogate pair", (good, marker) => good.WithBody(FrontAgent.Echo(marker + "\\ud800"))) with { Id = "7" },

        new("batch", 400, (good, marker) => good.WithBody($"[{FrontAgent.Echo(marker)}]")),
        new("empty batch", 400, (good, _) => good.WithBody("[]")),
        new("scalar", 400, (good, _) => good.WithBody("1")),
        new("id null", 400, (good, marker) => good.WithBody(FrontAgent.Echo(marker, id: "null"))),
        new("id fraction", 400, (good, marker) => good.WithBody(FrontAgent.Echo(marker, id: "1.5"))),
        new("id exponent", 400, (good, marker) => good.WithBody(FrontAgent.Echo(marker, id: "1e0"))),
        new("id object", 400, (good, marker) => good.WithBody(FrontAgent.Echo(marker, id: "{}"))),
        new("two ids", 400, Member("\"id\":8,")),
        new("second id in escapes", 400, Member("\"\\u0069d\":8,")),
        new("second id in capitals", 400, Member("\"ID\":8,")),
        Message("other JSON-RPC version", (good, marker) => good.WithBody(FrontAgent.Echo(marker).Replace("\"2.0\"", "\"1.0\"", StringComparison.Ordinal))),
        Message("two methods", Member("\"method\":\"ping\",")),
        Message("second method in escapes", Member("\"m\\u0065thod\":\"ping\",")),
        Message("second method in capitals", Member("\"Method\":\"ping\",")),
        Message("two params", Member("\"params\":{},")),
        Message("a result too", Member("\"result\":{},")),
        Message("an error too", Member("\"error\":{\"code\":1,\"message\":\"a\"},")),
        Message("two names", Parameter("\"name\":\"add\",")),
        Message("second name in escapes", Parameter("\"n\\u0061me\":\"add\",")),
        Message("second name in capitals", Parameter("\"Name\":\"add\",")),
        Message("second arguments in capitals", Parameter("\"Arguments\":{},")),
        Message("second arguments with a long s", Parameter("\"argument\u017f\":{},")),
        Message("meta in capitals", Parameter("\"_Meta\":{},")),
        Message("progress token in capitals", Parameter("\"_meta\":{\"ProgressToken\":1},")),
        Message("duplicate deep in the arguments", Parameter("\"x\":[{\"y\":{\"z\":1,\"z\":2}}],")),
        Message("duplicate argument in escapes", (good, marker) => good.WithBody(FrontAgent.Echo(marker).Replace(
            "\"message\":", "\"m\\u0065ssage\":\"a\",\"message\":", StringComparison.Ordinal))),
        Message("too deep", Parameter($"\"x\":{new string('[', 70)}{new string(']', 70)},")),
        Message("name that is a number", (good, marker) => good.WithBody(FrontAgent.Echo(marker).Replace("\"echo\"", "1", StringComparison.Ordinal))),
        Message("no name", (good, marker) => good.WithBody(FrontAgent.Echo(marker).Replace("\"name\":\"echo\",", "", StringComparison.Ordinal))),
        Message("no params", (good, _) => good.WithBody("""{"jsonrpc":"2.0","id":7,"method":"tools/call"}""")),
        Message("no uri", (good, marker) => good.WithBody($$$"""{"jsonrpc":"2.0","id":7,"method":"resources/read","params":{"x":"{{{marker}}}"}}""")),
        new("call without an id", 400, (good, marker) => good.WithBody(FrontAgent.Echo(marker).Replace("\"id\":7,", "", StringComparison.Ordinal))),
        Message("notification with an id", (good, marker) => good.WithBody(
            $$$"""{"jsonrpc":"2.0","id":7,"method":"notifications/roots/list_changed","params":{"x":"{{{marker}}}"}}""")),
        Message("arguments that are a string", (good, marker) => good.WithBody(
            $$$"""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":"{{{marker}}}"}}""")),
        Message("params by position", (good, marker) => good.WithBody(
            $$$"""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":["echo",{"message":"{{{marker}}}"}]}""")),
    ];

    public static WireRow Named(string name) => Headers.Concat(Bodies).Single(row => row.Name == name);

    private static WireRow Forbidden(string name, Func<RawRequest, string, RawRequest> spoil) => new(name, 403, spoil) { Decision = "origin_denied" };

    private static WireRow NotJson(string name, Func<RawRequest, string, RawRequest> spoil) => new(name, 400, spoil) { Code = ParseError };

    /// <summary>Refused for what it says, so the answer carries its id.</summary>
    private static WireRow Message(string name, Func<RawRequest, string, RawRequest> spoil) => new(name, 400, spoil) { Id = "7" };

    private static Func<RawRequest, string, RawRequest> Member(string more) =>
        (good, marker) => good.WithBody("{" + more + FrontAgent.Echo(marker)[1..]);

    private static Func<RawRequest, string, RawRequest> Parameter(string more) =>
        (good, marker) => good.WithBody(FrontAgent.Echo(marker).Replace("\"params\":{", "\"params\":{" + more, StringComparison.Ordinal));
}
