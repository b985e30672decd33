using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

public sealed class SchemaArgumentsTests
{
    private static readonly JsonNode Schema = JsonNode.Parse("""
        {
          "type": "object",
          "properties": {
            "path": { "type": "string" },
            "sort": { "type": "string", "enum": ["name", "size"] },
            "count": { "type": "integer", "minimum": 1, "maximum": 9007199254740991 },
            "edits": { "type": "array", "items": { "type": "object", "properties": { "old": { "type": "string" } }, "required": ["old"] } }
          },
          "required": ["path", "edits"]
        }
        """)!;

    private static IReadOnlyList<JsonObject> Made { get; } =
        new SchemaArguments(new Dictionary<string, JsonNode> { ["path"] = new JsonArray("/a", "/b") }).For(Schema);

    [Fact]
    public void For_Schema_BeginsWithRequiredFieldsOnly() =>
        Assert.Equal(["path", "edits"], Made[0].Select(p => p.Key));

    [Fact]
    public void For_Schema_VisitsEveryEnumValueAndHint()
    {
        Assert.Contains(Made, m => (string?)m["sort"] == "size");
        Assert.Contains(Made, m => m["path"] is JsonValue v && v.GetValueKind() == System.Text.Json.JsonValueKind.String && (string?)v == "/b");
    }

    [Fact]
    public void For_Schema_KeepsTheSpellingOfLargeBounds() =>
        Assert.Contains(Made, m => m["count"]?.ToJsonString() == "9007199254740991");

    [Fact]
    public void For_Schema_NestsObjectsInArrays() =>
        Assert.Equal(SchemaArguments.Text, (string?)Made[0]["edits"]![0]!["old"]);

    [Fact]
    public void For_Schema_LeavesOutEachRequiredField()
    {
        Assert.Contains(Made, m => !m.ContainsKey("path"));
        Assert.Contains(Made, m => !m.ContainsKey("edits"));
    }

    [Fact]
    public void For_Schema_IsDeterministic() =>
        Assert.Equal(
            Made.Select(m => m.ToJsonString()),
            new SchemaArguments(new Dictionary<string, JsonNode> { ["path"] = new JsonArray("/a", "/b") }).For(Schema).Select(m => m.ToJsonString()));
}
