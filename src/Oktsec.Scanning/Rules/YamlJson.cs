using System.Buffers;
using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

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
            case YamlMappingNode map:
                writer.WriteStartObject();
                foreach (var (key, value) in map.Children)
                {
                    writer.WritePropertyName(((YamlScalarNode)key).Value ?? "");
                    Write(value, writer);
                }
                writer.WriteEndObject();
                break;
            case YamlSequenceNode list:
                writer.WriteStartArray();
                foreach (var value in list.Children)
                    Write(value, writer);
                writer.WriteEndArray();
                break;
            case YamlScalarNode { Style: ScalarStyle.Plain } scalar when scalar.Value is "true" or "false" or "null" || IsNumber(scalar.Value):
                writer.WriteRawValue(scalar.Value!);
                break;
            default:
                writer.WriteStringValue((node as YamlScalarNode)?.Value ?? "");
                break;
        }
    }

    private static bool IsNumber(string? text) => text is { Length: > 0 } && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0');
}
