using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Oktsec.Scanning.Fields;

/// <summary>The path of the value or key that begins at a byte of a JSON text; asked only where something was found.</summary>
internal static class JsonPath
{
    /// <param name="json">The input.</param>
    /// <param name="source">First byte of the token's content (behind the quote of a string).</param>
    public static string At(ReadOnlySpan<byte> json, int source)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1024 });
        // Per open container: its name or its next index.
        var names = new List<string?>();
        var indexes = new List<int>();
        try
        {
            while (reader.Read())
            {
                var isEnd = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
                if (isEnd)
                {
                    names.RemoveAt(names.Count - 1);
                    indexes.RemoveAt(indexes.Count - 1);
                    continue;
                }
                var isKey = reader.TokenType == JsonTokenType.PropertyName;
                if (isKey)
                    names[^1] = reader.GetString();
                else if (indexes.Count > 0 && names[^1] is null)
                    indexes[^1]++;
                if (source <= reader.TokenStartIndex + 1 && reader.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.PropertyName)
                    return Write(names, indexes, isKey);
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    names.Add(reader.TokenType == JsonTokenType.StartObject ? "" : null);
                    indexes.Add(-1);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The walk before read the same bytes; what it scanned as text has no path.
        }
        return "$";
    }

    private static string Write(List<string?> names, List<int> indexes, bool isKey)
    {
        var path = new StringBuilder("$");
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] is not { } name)
                path.Append(CultureInfo.InvariantCulture, $"[{indexes[i]}]");
            else if (name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && !char.IsAsciiDigit(name[0]))
                path.Append('.').Append(name);
            else
                path.Append("['").Append(name.Replace("\\", "\\\\").Replace("'", "\\'")).Append("']");
        }
        return isKey ? path.Append('~').ToString() : path.ToString();
    }
}
