using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>Which arguments of which tools of one backend are repeated in headers (MCP 2026-07-28, "Custom Headers from Tool Parameters"). Thread safe.</summary>
internal sealed class ToolHeaders
{
    /// <summary>10,000 tools, as many as a list may hold; beyond it headers are learnt anew from the next list.</summary>
    private const int Most = 10_000;

    // Integers that a double holds exactly: 2^53 - 1.
    private const double LargestInteger = 9007199254740991;

    private readonly ConcurrentDictionary<string, HeaderParameter[]> _byTool = new(StringComparer.Ordinal);

    /// <summary>Learns what a page of tools/list says.</summary>
    /// <param name="tools">The raw items.</param>
    /// <param name="depth">The deepest nesting that was accepted.</param>
    /// <returns>Per item: why the tool must be left out, or null.</returns>
    public IReadOnlyList<string?> Learn(IReadOnlyList<ListItem> tools, int depth)
    {
        var refused = new string?[tools.Count];
        for (var i = 0; i < tools.Count; i++)
        {
            var parameters = ToolHeaderSchema.Read(tools[i].InputSchema.Span, depth, out refused[i]);
            if (refused[i] is not null || parameters.Length == 0)
                _byTool.TryRemove(tools[i].Key, out _);
            else
                Keep(tools[i].Key, parameters);
        }
        return refused;
    }

    /// <summary>Adds the headers for one call.</summary>
    public void AddTo(List<KeyValuePair<string, string>> headers, string tool, ReadOnlySpan<byte> arguments)
    {
        if (!_byTool.TryGetValue(tool, out var parameters))
            return;
        foreach (var parameter in parameters)
        {
            if (Value(arguments, parameter.Path) is { } value)
                headers.Add(new("Mcp-Param-" + parameter.Header, HeaderValue.Encode(value)));
        }
    }

    /// <summary>The argument at exactly this path, as text; null where there is none, or null, or no single value.</summary>
    private static string? Value(ReadOnlySpan<byte> arguments, string[] path)
    {
        var at = arguments;
        foreach (var step in path)
        {
            var range = JsonMembers.Find(at, Encoding.UTF8.GetBytes(step));
            if (range.IsEmpty)
                return null;
            at = at.Slice(range.Start, range.Length);
        }
        return at[0] switch
        {
            (byte)'"' => JsonText.Decode(at),
            (byte)'t' or (byte)'f' => Encoding.ASCII.GetString(at),
            (byte)'-' or (>= (byte)'0' and <= (byte)'9') => Number(Encoding.ASCII.GetString(at)),
            _ => null,
        };
    }

    // 1e2 and 100.0 are integers too, and a header says them in decimal.
    private static string Number(string token) =>
        token.AsSpan().ContainsAny(".eE") && double.TryParse(token, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && Math.Abs(number) <= LargestInteger && number == Math.Floor(number)
            ? ((long)number).ToString(CultureInfo.InvariantCulture) : token;

    private void Keep(string tool, HeaderParameter[] parameters)
    {
        if (_byTool.Count >= Most)
            _byTool.Clear();
        _byTool[tool] = parameters;
    }
}

/// <summary>An argument that is repeated in a header.</summary>
/// <param name="Header">What follows <c>Mcp-Param-</c>.</param>
/// <param name="Path">Where it stands in the arguments.</param>
internal sealed record HeaderParameter(string Header, string[] Path);

/// <summary>Finds the <c>x-mcp-header</c> annotations of an input schema and judges them.</summary>
internal static class ToolHeaderSchema
{
    private const string Annotation = "x-mcp-header";

    // RFC 9110, section 5.6.2: tchar
    private const string TokenCharacters = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <param name="schema">Raw; empty without one.</param>
    /// <param name="depth">The deepest nesting that was accepted.</param>
    /// <param name="problem">Why the tool must not be used; it repeats nothing that the server chose.</param>
    public static HeaderParameter[] Read(ReadOnlySpan<byte> schema, int depth, out string? problem)
    {
        problem = null;
        // Nearly every schema has none, and an escape could hide one.
        if (schema.IndexOf("x-mcp-header"u8) < 0 && schema.IndexOf("\\u"u8) < 0)
            return [];
        using var json = JsonDocument.Parse(schema.ToArray(), new JsonDocumentOptions { MaxDepth = depth });
        var found = new List<HeaderParameter>();
        problem = ReadSchema(json.RootElement, [], found)
            ?? (found.DistinctBy(p => p.Header, StringComparer.OrdinalIgnoreCase).Count() < found.Count ? "two of its x-mcp-header values are the same" : null);
        return problem is null ? [.. found] : [];
    }

    /// <param name="path">The chain of properties from the root; null where the schema is reached otherwise.</param>
    private static string? ReadSchema(JsonElement schema, string[]? path, List<HeaderParameter> found)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var member in schema.EnumerateObject())
        {
            var problem = member.Name switch
            {
                Annotation => ReadAnnotation(schema, member.Value, path, found),
                "properties" => ReadMap(member.Value, path, found),
                "$defs" or "definitions" or "patternProperties" or "dependentSchemas" => ReadMap(member.Value, null, found),
                "default" or "const" or "enum" or "examples" => null, // values, not schemas
                _ => ReadOther(member.Value, found),
            };
            if (problem is not null)
                return problem;
        }
        return null;
    }

    private static string? ReadMap(JsonElement map, string[]? path, List<HeaderParameter> found)
    {
        if (map.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var property in map.EnumerateObject())
        {
            if (ReadSchema(property.Value, path is null ? null : [.. path, property.Name], found) is { } problem)
                return problem;
        }
        return null;
    }

    private static string? ReadOther(JsonElement value, List<HeaderParameter> found)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return ReadSchema(value, null, found);
        foreach (var item in value.EnumerateArray())
        {
            if (ReadOther(item, found) is { } problem)
                return problem;
        }
        return null;
    }

    private static string? ReadAnnotation(JsonElement schema, JsonElement value, string[]? path, List<HeaderParameter> found)
    {
        if (path is null or [])
            return "its x-mcp-header stands where no argument is reached by properties alone";
        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: > 0 } name || name.AsSpan().ContainsAnyExcept(TokenCharacters))
            return "its x-mcp-header is not the name of a header";
        if (!IsPrimitive(schema))
            return "its x-mcp-header belongs to a parameter that is no string, integer or boolean";
        found.Add(new HeaderParameter(name, path));
        return null;
    }

    private static bool IsPrimitive(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
            return false;
        return type.ValueKind switch
        {
            JsonValueKind.String => type.GetString() is "string" or "integer" or "boolean",
            // A parameter that may be null is omitted then; otherwise it is as if null were not there.
            JsonValueKind.Array => type.GetArrayLength() > 0
                && type.EnumerateArray().All(t => t.ValueKind == JsonValueKind.String && t.GetString() is "string" or "integer" or "boolean" or "null"),
            _ => false,
        };
    }
}
