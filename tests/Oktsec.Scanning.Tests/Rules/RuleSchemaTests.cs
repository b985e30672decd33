using System.Text.Json;
using Oktsec.Scanning.Rules;
using Oktsec.Scanning.Rules.Yaml;
using Oktsec.Scanning.Validators;

namespace Oktsec.Scanning.Tests.Rules;

/// <summary>rules/rule.schema.json, by which editors complete and check, says what the reader says.</summary>
public sealed class RuleSchemaTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(File.ReadAllText(RepositoryFile.Path("rules/rule.schema.json"))).RootElement;
    private static readonly JsonElement Definitions = Schema.GetProperty("$defs");

    public static TheoryData<string, string[]> Enums => new()
    {
        { "severity/anyOf/0", RuleNames.Severities },
        { "severity/anyOf/1", [.. RuleNames.Severities.Select(name => name.ToUpperInvariant())] },
        { "place", RuleNames.Places },
        { "action", RuleNames.Actions },
        { "field", RuleNames.Fields },
        { "toolClass", RuleNames.ToolClassNames },
        { "type", RuleNames.Types },
        { "view", RuleNames.Views },
        { "validator", [.. Validator.Names] },
        { "rule/properties/status", RuleNames.Statuses },
        { "rule/properties/match_mode", RuleNames.MatchModes },
    };

    public static TheoryData<string, string[]> Keys => new()
    {
        { "rule", [.. RuleNames.Keys, .. RuleNames.IgnoredKeys] },
        { "pattern/oneOf/1", RuleNames.PatternKeys },
        { "example/oneOf/1", RuleNames.ExampleKeys },
        { "rule/properties/references", [.. RuleWords.Frameworks.Select(framework => framework.Key)] },
    };

    [Theory]
    [MemberData(nameof(Enums))]
    public void Enum_Names_AreTheReaders(string path, string[] names) =>
        Assert.Equal(names.Order(StringComparer.Ordinal), At(path).GetProperty("enum").EnumerateArray().Select(name => name.GetString()!).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Keys))]
    public void Object_Keys_AreTheReaders(string path, string[] names)
    {
        Assert.Equal(names.Order(StringComparer.Ordinal), At(path).GetProperty("properties").EnumerateObject().Select(key => key.Name).Order(StringComparer.Ordinal));
        Assert.False(At(path).GetProperty("additionalProperties").GetBoolean());
    }

    [Fact]
    public void BuiltInPack_Documents_AreValid()
    {
        var count = 0;
        foreach (var (name, text) in RuleSet.EmbeddedFiles())
        {
            foreach (var document in YamlReader.Read(text).Where(node => node is not YamlText { Value: "" }))
            {
                using var json = JsonDocument.Parse(YamlJson.Write(document));
                Assert.True(Errors(Schema, json.RootElement, "$").FirstOrDefault() is not { } error, $"{name}:{document.Line}: {Errors(Schema, json.RootElement, "$").FirstOrDefault()}");
                count++;
            }
        }
        Assert.True(count >= RuleSet.BuiltIn().All.Count);
    }

    [Theory]
    [InlineData("{id: X, name: x, severity: grave, category: custom, patterns: [a]}")]
    [InlineData("{id: X, name: x, severity: low, category: custom, patterns: []}")]
    [InlineData("{id: X, name: x, severity: low, category: custom, patterns: [{type: regexp, value: a}]}")]
    [InlineData("{id: X, name: x, severity: low, category: custom, patterns: [a], colour: red}")]
    [InlineData("{id: X, name: x, severity: low, category: custom}")]
    [InlineData("{id: X, name: x, severity: low, category: custom, patterns: [a], actions: {mail: block}}")]
    [InlineData("{id: X, name: x, severity: low, category: custom, patterns: [a], sensitive: maybe}")]
    public void Schema_WrongRule_IsRefused(string yaml)
    {
        using var json = JsonDocument.Parse(YamlJson.Write(YamlReader.Read(yaml)[0]));
        Assert.NotEmpty(Errors(Schema, json.RootElement, "$"));
    }

    private static JsonElement At(string path)
    {
        var at = Definitions;
        foreach (var part in path.Split('/'))
            at = at.ValueKind == JsonValueKind.Array ? at[int.Parse(part)] : at.GetProperty(part);
        return at;
    }

    // The part of JSON Schema 2020-12 that the schema uses; an unknown keyword fails, so that none is passed over.
    private static IEnumerable<string> Errors(JsonElement schema, JsonElement value, string path)
    {
        if (schema.ValueKind is JsonValueKind.True)
            yield break;
        foreach (var keyword in schema.EnumerateObject())
        {
            var rule = keyword.Value;
            var errors = keyword.Name switch
            {
                "$schema" or "$defs" or "title" or "description" or "additionalProperties" => [],
                "$ref" => Errors(Definitions.GetProperty(rule.GetString()!["#/$defs/".Length..]), value, path),
                "oneOf" => rule.EnumerateArray().Count(option => !Errors(option, value, path).Any()) == 1 ? [] : [$"{path} is none, or several, of its forms: {string.Join(" | ", rule.EnumerateArray().Select(option => Errors(option, value, path).FirstOrDefault()))}"],
                "anyOf" => rule.EnumerateArray().Any(option => !Errors(option, value, path).Any()) ? [] : [$"{path}: {value} is none of its forms"],
                "enum" => rule.EnumerateArray().Any(name => name.ValueEquals(value.ToString())) ? [] : [$"{path}: {value} is unknown"],
                "type" => IsOf(rule.GetString()!, value) ? [] : [$"{path} is no {rule}"],
                "minLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.Length >= rule.GetInt32() ? [] : [$"{path} is too short"],
                "maxLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.Length <= rule.GetInt32() ? [] : [$"{path} is too long"],
                "minimum" => value.ValueKind != JsonValueKind.Number || value.GetInt32() >= rule.GetInt32() ? [] : [$"{path} is too small"],
                "minItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= rule.GetInt32() ? [] : [$"{path} is too short"],
                "items" => value.ValueKind != JsonValueKind.Array ? [] : value.EnumerateArray().SelectMany((item, i) => Errors(rule, item, $"{path}[{i}]")),
                "required" => value.ValueKind != JsonValueKind.Object ? [] : rule.EnumerateArray().Where(key => !value.TryGetProperty(key.GetString()!, out _)).Select(key => $"{path}.{key} is missing"),
                "properties" => Properties(schema, value, path),
                "propertyNames" => value.ValueKind != JsonValueKind.Object ? [] : value.EnumerateObject().SelectMany(key => Errors(rule, JsonDocument.Parse($"\"{key.Name}\"").RootElement, $"{path}.{key.Name}")),
                _ => throw new InvalidOperationException($"the test does not know '{keyword.Name}'"),
            };
            foreach (var error in errors)
                yield return error;
        }
        if (!schema.TryGetProperty("properties", out _))
            foreach (var error in Properties(schema, value, path))
                yield return error;
    }

    private static IEnumerable<string> Properties(JsonElement schema, JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object)
            yield break;
        foreach (var key in value.EnumerateObject())
        {
            if (schema.TryGetProperty("properties", out var known) && known.TryGetProperty(key.Name, out var own))
                foreach (var error in Errors(own, key.Value, $"{path}.{key.Name}"))
                    yield return error;
            else if (schema.TryGetProperty("additionalProperties", out var other) && other.ValueKind == JsonValueKind.False)
                yield return $"{path}.{key.Name} is unknown";
            else if (other.ValueKind == JsonValueKind.Object)
                foreach (var error in Errors(other, key.Value, $"{path}.{key.Name}"))
                    yield return error;
        }
    }

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => value.ValueKind == JsonValueKind.Number,
    };
}
