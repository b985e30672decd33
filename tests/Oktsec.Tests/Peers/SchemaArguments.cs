using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

/// <summary>Arguments for a tool, made from its JSON Schema: valid ones that visit every field and every enum value, and invalid ones.</summary>
/// <remarks>Deterministic. Covers what the schemas of MCP servers use: types, enum, const, default, bounds, formats, nested objects and arrays, anyOf/oneOf.</remarks>
/// <param name="hints">Values for fields that mean something outside (paths, URLs), by field name at any depth; an array gives several, tried in turn.</param>
internal sealed class SchemaArguments(IReadOnlyDictionary<string, JsonNode> hints)
{
    /// <summary>Every kind of escape that JSON has, and text outside ASCII: a relay that re-encodes shows here.</summary>
    public const string Text = "Grüße an 世界 🚀, \"quoted\" \\ back/slash,\n\ttab; 1 < 2 & 3 > 2";

    public IReadOnlyList<JsonObject> For(JsonNode schema)
    {
        var properties = schema["properties"] as JsonObject ?? [];
        var required = (schema["required"] as JsonArray ?? []).Select(n => (string)n!).ToHashSet();
        var all = Object(schema, optional: true);
        var least = Object(schema, optional: false);
        List<JsonObject> made = [least, all];
        foreach (var (name, property) in properties)
        {
            foreach (var value in Values(name, property!))
                made.Add(With(all, name, value));
            foreach (var value in Invalid(property!))
                made.Add(With(required.Contains(name) ? least : all, name, value));
            if (required.Contains(name))
                made.Add(Without(least, name));
        }
        made.Add(With(least, "oktsec-unknown-field", new JsonObject { ["nested"] = new JsonArray(1, null, "x") }));
        return [.. made.DistinctBy(m => m.ToJsonString())];
    }

    private JsonObject Object(JsonNode schema, bool optional)
    {
        var made = new JsonObject();
        var required = (schema["required"] as JsonArray ?? []).Select(n => (string)n!).ToHashSet();
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            // A hinted field is never left to the server's default, which may mean ten seconds or the internet.
            if (optional || required.Contains(name) || hints.ContainsKey(name))
                made[name] = Values(name, property!).First().DeepClone();
        }
        return made;
    }

    /// <summary>Valid values, the most ordinary first.</summary>
    private IEnumerable<JsonNode> Values(string name, JsonNode schema)
    {
        if (hints.TryGetValue(name, out var hint))
            return hint is JsonArray several && !IsArray(schema) ? several.Select(v => v!) : [hint];
        if (schema["const"] is { } constant)
            return [constant];
        if (schema["enum"] is JsonArray options)
            return options.Select(o => o!);
        if ((schema["anyOf"] ?? schema["oneOf"]) is JsonArray alternatives)
            return alternatives.SelectMany(a => Values(name, a!));
        return TypeOf(schema) switch
        {
            "string" => [StringFor((string?)schema["format"])],
            "boolean" => [true, false],
            "integer" or "number" => Numbers(schema),
            "array" => Arrays(name, schema),
            "object" => [Object(schema, optional: true), Object(schema, optional: false)],
            _ => [Text],
        };
    }

    private static IEnumerable<JsonNode> Numbers(JsonNode schema)
    {
        var least = (double?)(schema["minimum"] ?? schema["exclusiveMinimum"]);
        var most = (double?)(schema["maximum"] ?? schema["exclusiveMaximum"]);
        yield return JsonNode.Parse(((long)(least ?? 0) + 1).ToString())!;
        // 2^53 - 1 and its like: a relay that reads numbers as doubles and writes them again shows here.
        foreach (var bound in new[] { schema["minimum"], schema["maximum"] })
        {
            if (bound is not null)
                yield return bound;
        }
        if (TypeOf(schema) == "number" && most is null)
            yield return JsonNode.Parse("2.50e0")!;
    }

    private IEnumerable<JsonNode> Arrays(string name, JsonNode schema)
    {
        var items = schema["items"] is { } item ? Values(name, item).Select(v => v.DeepClone()).ToArray() : [Text];
        var least = (int?)schema["minItems"] ?? 0;
        var most = Math.Min((int?)schema["maxItems"] ?? 2, items.Length);
        yield return new JsonArray([.. items.Take(Math.Max(least, Math.Max(1, most))).Select(v => v.DeepClone())]);
        if (least == 0)
            yield return new JsonArray();
    }

    /// <summary>Values of a wrong type or outside the bounds.</summary>
    private static IEnumerable<JsonNode> Invalid(JsonNode schema)
    {
        yield return TypeOf(schema) switch
        {
            "string" => JsonNode.Parse("1234567890123456789")!,
            "object" or "array" => "not a container",
            _ => new JsonObject { ["wrong"] = true },
        };
        if (schema["enum"] is JsonArray)
            yield return "no such option";
        if ((double?)schema["maximum"] is { } most and < 1e9)
            yield return most + 1;
    }

    private static string StringFor(string? format) => format switch
    {
        "uri" or "uri-reference" => "https://example.com/a?b=1#c",
        "email" => "ada@example.com",
        "date" => "2026-01-31",
        "date-time" => "2026-01-31T12:00:00Z",
        _ => Text,
    };

    private static bool IsArray(JsonNode schema) => TypeOf(schema) == "array";

    private static string TypeOf(JsonNode schema) => schema["type"] switch
    {
        JsonArray several => (string)several[0]!,
        JsonValue one => (string)one!,
        _ => "",
    };

    private static JsonObject With(JsonObject arguments, string name, JsonNode value)
    {
        var made = arguments.DeepClone().AsObject();
        made[name] = value.DeepClone();
        return made;
    }

    private static JsonObject Without(JsonObject arguments, string name)
    {
        var made = arguments.DeepClone().AsObject();
        made.Remove(name);
        return made;
    }
}
