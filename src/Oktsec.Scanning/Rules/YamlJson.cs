using System.Buffers;
using System.Text;
using System.Text.Json;
using Oktsec.Scanning.Rules.Yaml;

namespace Oktsec.Scanning.Rules;

/// <summary>Writes a YAML value as JSON: examples of whole arguments and definitions are written as YAML.</summary>
internal static class YamlJson
{
    public static string Write(YamlNode node)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
            Write(node, writer);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void Write(YamlNode node, Utf8JsonWriter writer)
    {
        switch (node)
        {
            case YamlMap map:
                writer.WriteStartObject();
                for (var i = 0; i < map.Keys.Count; i++)
                {
                    writer.WritePropertyName(map.Keys[i].Value);
                    Write(map.Values[i], writer);
                }
                writer.WriteEndObject();
                break;
            case YamlList list:
                writer.WriteStartArray();
                foreach (var value in list.Items)
                    Write(value, writer);
                writer.WriteEndArray();
                break;
            case YamlText { IsPlain: true } scalar when scalar.Value is "true" or "false" or "null" || IsNumber(scalar.Value):
                writer.WriteRawValue(scalar.Value);
                break;
            default:
                writer.WriteStringValue((node as YamlText)?.Value ?? "");
                break;
        }
    }

    private static bool IsNumber(string text) => text.Length > 0 && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0');
}
