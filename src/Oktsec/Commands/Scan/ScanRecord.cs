using System.Text.Json;
using Oktsec.Scanning;

namespace Oktsec.Commands.Scan;

/// <summary>One record of <c>--jsonl</c>, read in place: <c>{"id","kind","tool"?,"json"?|"text"?}</c>. Other keys are passed over.</summary>
internal ref struct ScanRecord
{
    // JSON nested deeper than this could not be walked; such a record is scanned as text all the same.
    private const int MaxDepth = 1000;

    /// <summary>As written.</summary>
    public ReadOnlySpan<byte> Id;

    /// <summary>As written, or the text.</summary>
    public ReadOnlySpan<byte> Content;

    public Place Place;
    public string Tool;
    public bool IsJson;

    /// <exception cref="JsonException">No such record; the message says what is wrong.</exception>
    public static ScanRecord Read(ReadOnlySpan<byte> line, Place fallback, scoped ref byte[] scratch)
    {
        var record = new ScanRecord { Place = fallback, Tool = "" };
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = MaxDepth });
        ReadOnlySpan<byte> json = default, text = default;
        var (hasJson, hasText, isTextJson) = (false, false, false);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("not a JSON object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
                record.Id = Value(ref reader, line);
            else if (reader.ValueTextEquals("kind"u8))
                record.Place = ScanKinds.Find(Text(ref reader, "kind")) ?? throw new JsonException($"unknown kind; one of {string.Join(", ", ScanKinds.Names)}");
            else if (reader.ValueTextEquals("tool"u8))
                record.Tool = Text(ref reader, "tool");
            else if (reader.ValueTextEquals("json"u8))
            {
                json = Value(ref reader, line);
                hasJson = true;
            }
            else if (reader.ValueTextEquals("text"u8))
            {
                text = TextOf(ref reader, line, ref scratch, out isTextJson);
                hasText = true;
            }
            else
                Value(ref reader, line);
        }
        // Throws when anything stands behind the object.
        reader.Read();
        if (record.Id.IsEmpty)
            throw new JsonException("no \"id\"");
        if (!hasJson && !hasText)
            throw new JsonException("neither \"json\" nor \"text\"");
        record.Content = hasJson ? json : text;
        record.IsJson = hasJson || isTextJson;
        return record;
    }

    private static ReadOnlySpan<byte> TextOf(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> line, scoped ref byte[] scratch, out bool isJson)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
            throw new JsonException("\"text\" is no text");
        isJson = false;
        if (!reader.ValueIsEscaped)
            return line[((int)reader.TokenStartIndex + 1)..((int)reader.BytesConsumed - 1)];
        if (scratch.Length < reader.ValueSpan.Length)
            scratch = new byte[2 * reader.ValueSpan.Length];
        try
        {
            return scratch.AsSpan(0, reader.CopyString(scratch));
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair has no UTF-8: the text is scanned as the JSON it is.
            isJson = true;
            return line[(int)reader.TokenStartIndex..(int)reader.BytesConsumed];
        }
    }

    private static ReadOnlySpan<byte> Value(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return line[start..(int)reader.BytesConsumed];
    }

    private static string Text(scoped ref Utf8JsonReader reader, string key)
    {
        reader.Read();
        try
        {
            return reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString()!,
                JsonTokenType.Null => "",
                _ => throw new JsonException($"\"{key}\" is no text"),
            };
        }
        catch (InvalidOperationException)
        {
            throw new JsonException($"\"{key}\" is no valid text");
        }
    }
}
