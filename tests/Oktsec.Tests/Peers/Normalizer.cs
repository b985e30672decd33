using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Oktsec.Tests.Peers;

/// <summary>Replaces what two runs of the same server never have in common. The whole list is here: nothing else may differ.</summary>
internal static partial class Normalizer
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The value as text: order of members and spelling of numbers are kept, they must be equal too.</summary>
    public static string ToText(JsonNode? value)
    {
        var text = Decoded(value?.DeepClone())?.ToJsonString(Readable) ?? "null";
        text = Uuid().Replace(text, "<uuid>");
        text = TaskId().Replace(text, "<task>");
        text = IsoTime().Replace(text, "<time>");
        text = LocaleTime().Replace(text, "created at <time>");
        text = FileTime().Replace(text, "$1<time>");
        return text;
    }

    // server-everything's dynamic blob resources are base64 of a text with the time of day in it.
    private static JsonNode? Decoded(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject o:
                if (o["blob"] is JsonValue blob && ((string?)o["uri"])?.StartsWith("demo://resource/dynamic/blob/", StringComparison.Ordinal) == true)
                    o["blob"] = Encoding.UTF8.GetString(Convert.FromBase64String((string)blob!));
                foreach (var (_, child) in o)
                    Decoded(child);
                break;
            case JsonArray a:
                foreach (var child in a)
                    Decoded(child);
                break;
        }
        return value;
    }

    // Session ids that server-everything repeats in texts, and elicitation ids that it draws.
    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    // Task ids of the TypeScript SDK: 16 random bytes in hex.
    [GeneratedRegex("\\b[0-9a-f]{32}\\b")]
    private static partial Regex TaskId();

    // createdAt and lastUpdatedAt of tasks.
    [GeneratedRegex("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z")]
    private static partial Regex IsoTime();

    // The text of server-everything's dynamic resources: "created at 7:05:04 PM".
    [GeneratedRegex("created at \\d+:\\d\\d:\\d\\d [AP]M")]
    private static partial Regex LocaleTime();

    // get_file_info of server-filesystem: the files are made anew for each run.
    [GeneratedRegex("((?:created|modified|accessed): )[A-Z][a-z]{2} [A-Z][a-z]{2} \\d\\d \\d{4} \\d\\d:\\d\\d:\\d\\d [^\\\\\"]*")]
    private static partial Regex FileTime();
}
