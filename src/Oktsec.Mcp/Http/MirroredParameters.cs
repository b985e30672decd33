using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Oktsec.Mcp.Http;

/// <summary>The parameters of one tool that clients repeat in <c>Mcp-Param-NAME</c> headers, as its schema says with <c>x-mcp-header</c>.</summary>
public sealed class MirroredParameters
{
    private const string HeaderPrefix = "Mcp-Param-";

    /// <summary>32 objects inside each other: the reader's limit for a whole definition is 64, two levels each.</summary>
    private const int Deepest = 32;

    // The envelope reader has judged the depth already.
    private static readonly JsonDocumentOptions s_anyDepth = new() { MaxDepth = int.MaxValue - 1 };

    private readonly List<(string Header, string[] Path)> _declared;

    private MirroredParameters(List<(string, string[])> declared) => _declared = declared;

    public static MirroredParameters None { get; } = new([]);

    /// <summary>What a tool's input schema declares. Annotations that a client must refuse a tool for are read as none.</summary>
    public static MirroredParameters Of(ReadOnlyMemory<byte> inputSchema)
    {
        if (inputSchema.IsEmpty)
            return None;
        using var schema = JsonDocument.Parse(inputSchema, s_anyDepth);
        var declared = new List<(string Header, string[] Path)>();
        return Collect(schema.RootElement, [], declared) && declared.DistinctBy(d => d.Header, StringComparer.OrdinalIgnoreCase).Count() == declared.Count
            ? new MirroredParameters(declared) : None;
    }

    /// <summary>Why the headers of a call are refused, or null (2026-07-28, Streamable HTTP, "Server Behavior for Custom Headers").</summary>
    public RequestRefusal? Check(ReadOnlyMemory<byte> arguments, IHeaderDictionary headers)
    {
        if (_declared.Count == 0)
            return null;
        using var document = arguments.IsEmpty ? null : JsonDocument.Parse(arguments, s_anyDepth);
        foreach (var (header, path) in _declared)
        {
            var value = document is null ? null : ValueAt(document.RootElement, path);
            if (headers[header] is var said && (value, said.Count) switch
            {
                (null, 0) => true,
                (null, _) or (_, not 1) => false,
                var (v, _) => MirroredValue.TryDecode(said[0]!, out var text) && IsSame(v.Value, text),
            })
                continue;
            return new(StatusCodes.Status400BadRequest, RequestRefusal.HeaderMismatch, $"{header} is not what arguments say; read the tool's inputSchema again (tools/list)");
        }
        return null;
    }

    private static bool Collect(JsonElement schema, string[] path, List<(string Header, string[] Path)> declared)
    {
        if (path.Length > Deepest || schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
            return path.Length <= Deepest;
        foreach (var property in properties.EnumerateObject())
        {
            string[] below = [.. path, property.Name];
            if (property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("x-mcp-header", out var name))
            {
                if (name.ValueKind != JsonValueKind.String || name.GetString() is not { Length: > 0 } text || !text.All(IsTokenCharacter))
                    return false;
                declared.Add((HeaderPrefix + text, below));
            }
            if (!Collect(property.Value, below, declared))
                return false;
        }
        return true;
    }

    private static JsonElement? ValueAt(JsonElement element, string[] path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        }
        return element.ValueKind is JsonValueKind.Null or JsonValueKind.Object or JsonValueKind.Array ? null : element;
    }

    // "servers SHOULD compare the header value and the body value numerically".
    private static bool IsSame(JsonElement value, string header) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() == header,
        JsonValueKind.True => header == "true",
        JsonValueKind.False => header == "false",
        _ => header == value.GetRawText()
            || (decimal.TryParse(header, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var said)
                && value.TryGetDecimal(out var meant) && said == meant),
    };

    // RFC 9110, 5.6.2: tchar.
    private static bool IsTokenCharacter(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c);
}
