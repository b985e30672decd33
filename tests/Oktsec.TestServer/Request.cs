using System.Text.Json;

namespace Oktsec.TestServer;

/// <summary>A request or notification that came in.</summary>
internal sealed record Request(JsonElement Message, Session Session, Channel Channel)
{
    public string Method => Message.GetProperty("method").GetString()!;

    /// <summary>The id as spelled; null for a notification.</summary>
    public string? Id => Message.TryGetProperty("id", out var id) ? id.GetRawText() : null;

    public JsonElement Params => Message.TryGetProperty("params", out var value) ? value : default;

    public JsonElement Arguments => Member(Params, "arguments");

    /// <summary>As spelled, or null.</summary>
    public string? ProgressToken => Member(Member(Params, "_meta"), "progressToken") is { ValueKind: not JsonValueKind.Undefined } token
        ? token.GetRawText()
        : null;

    /// <summary>The revision it names itself; null for one of a session.</summary>
    public string? Version => Meta("protocolVersion") is { ValueKind: JsonValueKind.String } version ? version.GetString() : null;

    /// <summary>Whether it is of a revision without sessions.</summary>
    public bool IsModern => Version is not null && Session.Server.Arguments.Modern;

    /// <summary>Completes when the client no longer wants the answer.</summary>
    public Task Cancelled { get; init; } = Task.CompletedTask;

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public string Text(string name, string otherwise = "") =>
        Member(Arguments, name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : otherwise;

    public int Number(string name, int otherwise = 0) =>
        Member(Arguments, name) is { ValueKind: JsonValueKind.Number } value ? value.GetInt32() : otherwise;

    public Task ReplyAsync(string result) => Channel.SendAsync($$"""{"jsonrpc":"2.0","id":{{Id}},"result":{{(IsModern ? Typed(result) : result)}}}""");

    public Task ReplyErrorAsync(string error) => Channel.SendAsync($$"""{"jsonrpc":"2.0","id":{{Id}},"error":{{error}}}""");

    public Task ReplyTextAsync(string text) => ReplyAsync($$"""{"content":[{"type":"text","text":{{Quote(text)}}}]}""");

    /// <summary>A field of <c>_meta</c> under the protocol's prefix.</summary>
    public JsonElement Meta(string name) => Member(Member(Params, "_meta"), "io.modelcontextprotocol/" + name);

    // What every result of 2026-07-28 has, and those that may be kept.
    private string Typed(string result)
    {
        var inside = result.TrimStart()[1..];
        var cacheable = Method is "server/discover" or "resources/read" || Method.EndsWith("/list", StringComparison.Ordinal);
        return result.Contains("\"resultType\"") ? result
            : "{\"resultType\":\"complete\"" + (cacheable ? ",\"ttlMs\":0,\"cacheScope\":\"private\"" : "") + (inside.TrimStart().StartsWith('}') ? "" : ",") + inside;
    }

    public static string Quote(string text) => $"\"{System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    private static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : default;
}
