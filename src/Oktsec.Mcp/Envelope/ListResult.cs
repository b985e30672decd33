using System.Text.Json;

namespace Oktsec.Mcp.Envelope;

/// <summary>One item of a list result: its bytes, and where the members stand that a relay needs. Ranges are relative to <see cref="Bytes"/>.</summary>
/// <param name="Bytes">The item as the backend spelled it.</param>
/// <param name="Key">The value of the member that names it (<c>name</c> or <c>uri</c>), decoded.</param>
/// <param name="KeyRange">The raw token of that value.</param>
/// <param name="InputSchema">The raw <c>inputSchema</c>; empty for other items.</param>
public sealed record ListItem(ReadOnlyMemory<byte> Bytes, string Key, ByteRange KeyRange, ReadOnlyMemory<byte> InputSchema);

/// <summary>A page of tools/list, prompts/list, resources/list or resources/templates/list.</summary>
/// <param name="Items">In the backend's order.</param>
/// <param name="NextCursor">The raw token of <c>nextCursor</c>; empty on the last page.</param>
public sealed record ListResult(IReadOnlyList<ListItem> Items, ReadOnlyMemory<byte> NextCursor)
{
    /// <summary>Reads a list result; items that are not objects or lack their key are left out and counted.</summary>
    /// <param name="result">The raw <c>result</c> of a response the envelope reader accepted.</param>
    /// <param name="listMember"><c>tools</c>, <c>prompts</c>, <c>resources</c> or <c>resourceTemplates</c>.</param>
    /// <param name="keyMember"><c>name</c>, <c>uri</c> or <c>uriTemplate</c>.</param>
    /// <param name="skipped">How many items were left out.</param>
    public static ListResult Read(ReadOnlyMemory<byte> result, string listMember, string keyMember, out int skipped)
    {
        skipped = 0;
        var items = new List<ListItem>();
        var cursor = ReadOnlyMemory<byte>.Empty;
        var reader = new Utf8JsonReader(result.Span, JsonMembers.AnyDepth);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return new ListResult(items, cursor);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isList = reader.ValueTextEquals(listMember);
            var isCursor = !isList && reader.ValueTextEquals("nextCursor"u8);
            reader.Read();
            if (isList && reader.TokenType == JsonTokenType.StartArray)
            {
                ReadItems(result, ref reader, keyMember, items, ref skipped);
                continue;
            }
            var range = Value(ref reader);
            if (isCursor && result.Span[range.Start] == '"')
                cursor = result.Slice(range.Start, range.Length);
        }
        return new ListResult(items, cursor);
    }

    private static void ReadItems(ReadOnlyMemory<byte> result, ref Utf8JsonReader reader, string keyMember, List<ListItem> items, ref int skipped)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var range = Value(ref reader);
            if (ReadItem(result.Slice(range.Start, range.Length), keyMember) is { } item)
                items.Add(item);
            else
                skipped++;
        }
    }

    private static ListItem? ReadItem(ReadOnlyMemory<byte> bytes, string keyMember)
    {
        var reader = new Utf8JsonReader(bytes.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        string? key = null;
        var keyRange = default(ByteRange);
        var schema = ReadOnlyMemory<byte>.Empty;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isKey = reader.ValueTextEquals(keyMember);
            var isSchema = !isKey && reader.ValueTextEquals("inputSchema"u8);
            reader.Read();
            if (isKey && reader.TokenType == JsonTokenType.String)
                key = reader.GetString();
            var range = Value(ref reader);
            if (isKey)
                keyRange = range;
            if (isSchema)
                schema = bytes.Slice(range.Start, range.Length);
        }
        return key is null ? null : new ListItem(bytes, key, keyRange, schema);
    }

    private static ByteRange Value(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new(start, (int)reader.BytesConsumed - start);
    }
}

/// <summary>Finds members of an object that the envelope reader does not lift.</summary>
public static class JsonMembers
{
    /// <summary>The envelope reader has judged the depth already, against a limit of its own.</summary>
    internal static JsonReaderOptions AnyDepth { get; } = new() { MaxDepth = int.MaxValue - 1 };

    /// <summary>The range of a member's raw value at the top level of an object, relative to <paramref name="json"/>; empty when absent or when there is no object.</summary>
    public static ByteRange Find(ReadOnlySpan<byte> json, ReadOnlySpan<byte> member)
    {
        if (!MayName(json, member))
            return default;
        var reader = new Utf8JsonReader(json, AnyDepth);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(member);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isIt)
                return new(start, (int)reader.BytesConsumed - start);
        }
        return default;
    }

    // Most members asked for are not there, and a megabyte is searched for a word some fifty times faster than it is read as JSON.
    // Quotes, strokes and control characters have shorter escapes beside \u (RFC 8259, section 7).
    private static bool MayName(ReadOnlySpan<byte> json, ReadOnlySpan<byte> member) =>
        json.IndexOf(member) >= 0 || json.IndexOf("\\u"u8) >= 0
        || ((member.IndexOfAny((byte)'"', (byte)'\\', (byte)'/') >= 0 || member.IndexOfAnyInRange((byte)0, (byte)31) >= 0) && json.Contains((byte)'\\'));

    /// <summary>A member with its key and one of the commas around it: what to take out so that an object without it is left.</summary>
    public static ByteRange FindWhole(ReadOnlySpan<byte> json, ReadOnlySpan<byte> member)
    {
        var reader = new Utf8JsonReader(json, AnyDepth);
        reader.Read();
        var before = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = before > 0 ? before : (int)reader.TokenStartIndex;
            var isIt = reader.ValueTextEquals(member);
            reader.Read();
            reader.Skip();
            var end = (int)reader.BytesConsumed;
            if (!isIt)
            {
                before = end;
                continue;
            }
            var next = EnvelopeReader.SkipWhitespace(json, end);
            return new(start, (before == 0 && json[next] == ',' ? next + 1 : end) - start);
        }
        return default;
    }

    /// <summary>A member's string value, decoded; null when absent or not a string.</summary>
    public static string? Text(ReadOnlySpan<byte> json, ReadOnlySpan<byte> member)
    {
        var range = Find(json, member);
        if (range.IsEmpty || json[range.Start] != '"')
            return null;
        var reader = new Utf8JsonReader(json.Slice(range.Start, range.Length));
        reader.Read();
        return reader.GetString();
    }
}
