using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Oktsec.Scanning.Fields;

/// <summary>The paths of values and keys that begin at given bytes of a JSON text; asked only where something was found.</summary>
internal sealed class JsonPath
{
    // A path tells where to look; names and nesting made to fill the log are cut.
    private const int MaxName = 80;
    private const int MaxPath = 400;

    // Per open container: its name, or null and its next index.
    private readonly List<string?> names = [];
    private readonly List<int> indexes = [];

    /// <summary>One walk for all of them.</summary>
    /// <param name="json">The input.</param>
    /// <param name="tokens">First bytes of the tokens' contents (behind the quote of a string), in order, each once.</param>
    public static Dictionary<int, string> At(ReadOnlySpan<byte> json, IReadOnlyList<int> tokens)
    {
        var found = new Dictionary<int, string>();
        var walk = new JsonPath();
        try
        {
            walk.Walk(json, tokens, found);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The walk before read the same bytes; what it scanned as text has no path.
        }
        foreach (var token in tokens)
            found.TryAdd(token, "$");
        return found;
    }

    private void Walk(ReadOnlySpan<byte> json, IReadOnlyList<int> tokens, Dictionary<int, string> found)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1024 });
        var next = 0;
        while (next < tokens.Count && reader.Read())
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
                names[^1] = Cut(reader.GetString()!, MaxName);
            else if (indexes.Count > 0 && names[^1] is null)
                indexes[^1]++;
            if (isKey || reader.TokenType is JsonTokenType.String or JsonTokenType.Number)
            {
                for (string? path = null; next < tokens.Count && tokens[next] <= reader.TokenStartIndex + 1; next++)
                    found[tokens[next]] = path ??= Write(isKey);
            }
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                names.Add(reader.TokenType == JsonTokenType.StartObject ? "" : null);
                indexes.Add(-1);
            }
        }
    }

    private string Write(bool isKey)
    {
        var path = new StringBuilder("$");
        for (var i = 0; i < names.Count && path.Length <= MaxPath; i++)
        {
            if (names[i] is not { } name)
                path.Append(CultureInfo.InvariantCulture, $"[{indexes[i]}]");
            else if (name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && !char.IsAsciiDigit(name[0]))
                path.Append('.').Append(name);
            else
                path.Append("['").Append(name.Replace("\\", "\\\\").Replace("'", "\\'")).Append("']");
        }
        var text = Cut(path.ToString(), MaxPath);
        return isKey ? text + '~' : text;
    }

    private static string Cut(string text, int length)
    {
        if (text.Length <= length)
            return text;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length), "…");
    }
}
