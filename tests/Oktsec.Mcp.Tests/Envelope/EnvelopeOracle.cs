using System.Text;
using System.Text.Json;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Envelope;

/// <summary>The same judgement a second time, written the slow and obvious way over <see cref="JsonDocument"/>.</summary>
internal static class EnvelopeOracle
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private static readonly string[] EnvelopeKeys = ["jsonrpc", "id", "method", "params", "result", "error"];
    private static readonly HashSet<string> KnownMethods =
        [.. typeof(Methods).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!)];

    private static readonly string[] ErrorKeys = ["code", "message", "data"];
    private static readonly string[] ReferenceKeys = ["type", "name", "uri"];

    private static readonly string[] ParamsKeys =
    [
        "name", "arguments", "uri", "cursor", "ref", "_meta", "progressToken", "requestId", "protocolVersion", "capabilities",
        "clientInfo", "level", "argument", "taskId", "task", "inputResponses", "requestState",
    ];

    private static readonly string[] MetaKeys =
    [
        "progressToken", "io.modelcontextprotocol/protocolVersion", "io.modelcontextprotocol/clientInfo",
        "io.modelcontextprotocol/clientCapabilities", "io.modelcontextprotocol/logLevel", "io.modelcontextprotocol/subscriptionId",
        "io.modelcontextprotocol/related-task",
    ];

    /// <summary>The parsed message when it is well-formed, else null.</summary>
    public static JsonDocument? Read(byte[] bytes)
    {
        try
        {
            if (StrictUtf8.GetString(bytes).StartsWith('\uFEFF'))
                return null;
            var document = JsonDocument.Parse(bytes, Strict);
            if (Strings(document.RootElement) && IsMessage(document.RootElement))
                return document;
            document.Dispose();
            return null;
        }
        catch (Exception problem) when (problem is JsonException or DecoderFallbackException or InvalidOperationException)
        {
            return null; // the last one is half a surrogate pair
        }
    }

    /// <summary>Fetches every key and string, which throws for what is not Unicode.</summary>
    private static bool Strings(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().All(member => member.Name is not null && Strings(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().All(Strings),
        JsonValueKind.String => value.GetString() is not null,
        _ => true,
    };

    private static bool IsMessage(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || HasVariant(root, EnvelopeKeys) || Text(root, "jsonrpc") != "2.0")
            return false;
        if (root.TryGetProperty("id", out var id) && !IsId(id))
            return false;
        var (hasResult, hasError) = (root.TryGetProperty("result", out _), root.TryGetProperty("error", out var error));
        if (hasError && error.ValueKind == JsonValueKind.Object && HasVariant(error, ErrorKeys))
            return false;
        if (root.TryGetProperty("params", out var found) && found.ValueKind == JsonValueKind.Object && HasVariantInParams(found))
            return false;
        if (root.TryGetProperty("method", out _))
            return !hasResult && !hasError && !string.IsNullOrEmpty(Text(root, "method")) && ParamsFit(root, Text(root, "method")!);
        if (hasResult == hasError || id.ValueKind == JsonValueKind.Undefined)
            return false;
        return hasResult
            || (error.ValueKind == JsonValueKind.Object && error.TryGetProperty("code", out var code) && IsInteger(code) && Text(error, "message") is not null);
    }

    private static bool HasVariantInParams(JsonElement parameters) =>
        HasVariant(parameters, ParamsKeys)
        || (parameters.TryGetProperty("_meta", out var meta) && meta.ValueKind == JsonValueKind.Object && HasVariant(meta, MetaKeys))
        || (parameters.TryGetProperty("ref", out var reference) && reference.ValueKind == JsonValueKind.Object && HasVariant(reference, ReferenceKeys));

    private static bool ParamsFit(JsonElement root, string method)
    {
        var named = method is "tools/call" or "prompts/get";
        var addressed = method is "resources/read" or "resources/subscribe" or "resources/unsubscribe" or "notifications/resources/updated";
        if (!root.TryGetProperty("params", out var parameters))
            return !named && !addressed;
        if (parameters.ValueKind == JsonValueKind.Array)
            return !KnownMethods.Contains(method);
        if (parameters.ValueKind != JsonValueKind.Object)
            return false;
        return (!named || Text(parameters, "name") is not null)
            && (!named || Is(parameters, "arguments", value => value.ValueKind is JsonValueKind.Object or JsonValueKind.Null))
            && (!addressed || Text(parameters, "uri") is not null)
            && Is(parameters, "_meta", value => value.ValueKind is JsonValueKind.Object or JsonValueKind.Null)
            && Is(parameters, "_meta", value => value.ValueKind == JsonValueKind.Null || Is(value, "progressToken", IsId))
            && (method != "notifications/progress" || Is(parameters, "progressToken", IsId))
            && (method != "notifications/cancelled" || Is(parameters, "requestId", IsId));
    }

    private static bool Is(JsonElement parent, string key, Func<JsonElement, bool> claim) =>
        !parent.TryGetProperty(key, out var value) || claim(value);

    private static bool IsId(JsonElement value) => value.ValueKind == JsonValueKind.String || IsInteger(value);

    private static bool IsInteger(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.GetRawText().All(digit => digit is '-' or (>= '0' and <= '9'));

    private static string? Text(JsonElement parent, string key) =>
        parent.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool HasVariant(JsonElement value, string[] known) =>
        value.EnumerateObject().Any(member => !known.Contains(member.Name) && known.Any(key => Fold(member.Name) == Fold(key)));

    private static string Fold(string key) => string.Concat(key.Select(letter => letter switch
    {
        '\u017F' => 's',
        '\u212A' => 'k',
        '\u0130' or '\u0131' => 'i',
        >= 'A' and <= 'Z' => (char)(letter + ('a' - 'A')),
        _ => letter,
    }));

    /// <summary>Fails when what was lifted is not what the document has.</summary>
    public static void Compare(RpcMessage message, JsonElement root)
    {
        var method = Text(root, "method") ?? "";
        Equal(message, message.Id, root, "id");
        Equal(message, message.Params, method.Length > 0 ? root : default, "params");
        Equal(message, message.Result, root, "result");
        Equal(message, message.Error, root, "error");
        Assert.Equal(method, message.Method);
        var parameters = method.Length > 0 && root.TryGetProperty("params", out var found) ? found : default;
        Equal(message, message.Name, parameters, "name");
        Equal(message, message.Arguments, parameters, "arguments");
        Equal(message, message.Uri, parameters, "uri");
        Equal(message, message.Cursor, parameters, "cursor");
        Equal(message, message.Reference, parameters, "ref");
        Equal(message, message.Meta, parameters, "_meta");
        var meta = parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("_meta", out found) ? found : default;
        Equal(message, message.ProgressToken, method == "notifications/progress" ? parameters : meta, "progressToken");
        Equal(message, message.CancelledId, method == "notifications/cancelled" ? parameters : default, "requestId");
        if (method is "tools/call" or "prompts/get")
            Assert.Equal(Text(parameters, "name"), message.NameText);
    }

    private static void Equal(RpcMessage message, ByteRange range, JsonElement parent, string key)
    {
        var expected = parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(key, out var value) ? value.GetRawText() : "";
        var actual = Encoding.UTF8.GetString(message.Span(range));
        if (expected != actual)
            Assert.Fail($"{key}: {actual} instead of {expected}");
    }
}
