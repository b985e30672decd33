using System.Text.Json;
using System.Text.Unicode;

namespace Oktsec.Scanning.Fields;

/// <summary>Walks one JSON value and puts every key and every scalar, decoded, into the scan's buffer as a field.</summary>
internal static class FieldWalker
{
    // Deeper than any envelope lets through (64); what is deeper is scanned as text.
    private const int MaxDepth = 128;

    /// <summary>False when the input is no JSON value: the caller scans it as text. Fields added until then stay in the buffer.</summary>
    /// <param name="json">The value.</param>
    /// <param name="buffer">Receives the fields.</param>
    /// <param name="roles">Roles by property name from the tool's schema and the field's name.</param>
    /// <param name="parent">The field whose text this is; -1 for the input.</param>
    public static bool TryWalk(ReadOnlySpan<byte> json, ScanBuffer buffer, FieldRoleSource roles, int parent = -1)
    {
        // Strings that only look like JSON are many; the input itself is JSON, as a rule, and read once.
        if (parent >= 0 && !JsonSyntax.IsValue(json, MaxDepth))
            return false;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        var offset = parent < 0 ? 0 : buffer[parent].Start;
        // By depth: the roles of the property whose value stands there. Members of an array have the array's.
        Span<FieldRoles> current = stackalloc FieldRoles[MaxDepth + 2];
        current[0] = parent < 0 ? FieldRoles.None : buffer[parent].Roles;
        var keyOpen = false;
        var any = false;
        try
        {
            while (reader.Read())
            {
                any = true;
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        current[reader.CurrentDepth] = roles.Of(reader.ValueSpan);
                        Add(buffer, ref reader, new Field { Parent = parent, Roles = FieldRoles.Identifier, IsKey = true }, offset);
                        keyOpen = true;
                        continue;
                    case JsonTokenType.String:
                        Separate(buffer, ref keyOpen, isPair: true);
                        Add(buffer, ref reader, new Field { Parent = parent, Roles = current[reader.CurrentDepth] }, offset);
                        buffer.EndField();
                        break;
                    case JsonTokenType.Number:
                        Separate(buffer, ref keyOpen, isPair: true);
                        Add(buffer, ref reader, new Field { Parent = parent, Roles = FieldRoles.Number }, offset);
                        buffer.EndField();
                        break;
                    case JsonTokenType.StartArray or JsonTokenType.StartObject:
                        Separate(buffer, ref keyOpen, isPair: false);
                        current[reader.CurrentDepth + 1] = current[reader.CurrentDepth];
                        break;
                    default:
                        Separate(buffer, ref keyOpen, isPair: false);
                        break;
                }
            }
            return any;
        }
        catch (JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            // A string that is no UTF-8 or holds half a surrogate pair.
            return false;
        }
    }

    private static void Separate(ScanBuffer buffer, ref bool keyOpen, bool isPair)
    {
        if (!keyOpen)
            return;
        keyOpen = false;
        if (isPair)
            buffer.EndKey();
        else
            buffer.EndField();
    }

    private static void Add(ScanBuffer buffer, ref Utf8JsonReader reader, Field field, int offset)
    {
        var isString = reader.TokenType != JsonTokenType.Number;
        field.Via = field.Parent < 0 ? Decoding.None : Decoding.Json;
        field.Depth = field.Parent < 0 ? (byte)0 : (byte)(buffer[field.Parent].Depth + 1);
        // A string's token begins at its quote.
        field.SourceStart = offset + (int)reader.TokenStartIndex + (isString ? 1 : 0);
        field.SourceEnd = field.SourceStart + reader.ValueSpan.Length;
        field.IsEscaped = isString && reader.ValueIsEscaped;
        var target = buffer.BeginField(reader.ValueSpan.Length);
        var length = reader.ValueSpan.Length;
        if (field.IsEscaped)
            length = reader.CopyString(target);
        else if (Utf8.IsValid(reader.ValueSpan))
            reader.ValueSpan.CopyTo(target);
        else
            throw new InvalidOperationException();
        buffer.Complete(length, field);
    }
}
