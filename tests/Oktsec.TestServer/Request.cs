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

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public string Text(string name, string otherwise = "") =>
        Member(Arguments, name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : otherwise;

    public int Number(string name, int otherwise = 0) =>
        Member(Arguments, name) is { ValueKind: JsonValueKind.Number } value ? value.GetInt32() : otherwise;

    public Task ReplyAsync(string result) => Channel.SendAsync($$"""{"jsonrpc":"2.0","id":{{Id}},"result":{{result}}}""");

    public Task ReplyErrorAsync(string error) => Channel.SendAsync($$"""{"jsonrpc":"2.0","id":{{Id}},"error":{{error}}}""");

    public Task ReplyTextAsync(string text) => ReplyAsync($$"""{"content":[{"type":"text","text":{{Quote(text)}}}]}""");

    public static string Quote(string text) => $"\"{System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    private static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : default;
}
