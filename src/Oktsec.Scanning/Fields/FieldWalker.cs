using System.Text.Json;
using Oktsec.Scanning.Matching;

namespace Oktsec.Scanning.Fields;

/// <summary>Walks one JSON value and puts every key and every scalar, decoded, into the scan's buffer as a field.</summary>
internal static class FieldWalker
{
    // Deeper than any envelope lets through (64); the reader's own stack is a bit array, so depth costs nothing.
    private const int MaxDepth = 1024;

    /// <summary>False when the input is no JSON value: the caller scans it as text.</summary>
    /// <param name="json">The value.</param>
    /// <param name="buffer">Receives the fields.</param>
    /// <param name="roles">Roles by property name from the tool's schema and the field's name.</param>
    /// <param name="offset">Where <paramref name="json"/> begins in the input.</param>
    public static bool TryWalk(ReadOnlySpan<byte> json, ScanBuffer buffer, FieldRoleSource roles, int offset = 0)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth, AllowTrailingCommas = false, CommentHandling = JsonCommentHandling.Disallow });
        var current = FieldRoles.None;
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
                        if (keyOpen)
                            buffer.EndField();
                        current = roles.Of(reader.ValueSpan);
                        Add(buffer, ref reader, offset, FieldRoles.Identifier, isKey: true);
                        keyOpen = true;
                        break;
                    case JsonTokenType.String:
                        Separate(buffer, ref keyOpen);
                        Add(buffer, ref reader, offset, current, isKey: false);
                        buffer.EndField();
                        break;
                    case JsonTokenType.Number:
                        Separate(buffer, ref keyOpen);
                        buffer.AddField(reader.ValueSpan, offset + (int)reader.TokenStartIndex, FieldRoles.Identifier, isKey: false);
                        buffer.EndField();
                        break;
                    default:
                        if (keyOpen)
                            buffer.EndField();
                        keyOpen = false;
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

    private static void Separate(ScanBuffer buffer, ref bool keyOpen)
    {
        if (keyOpen)
            buffer.EndKey();
        keyOpen = false;
    }

    private static void Add(ScanBuffer buffer, ref Utf8JsonReader reader, int offset, FieldRoles roles, bool isKey)
    {
        // The token begins at its quote.
        var start = offset + (int)reader.TokenStartIndex + 1;
        if (!reader.ValueIsEscaped)
        {
            buffer.AddField(reader.ValueSpan, start, roles, isKey);
            return;
        }
        var target = buffer.BeginField(reader.ValueSpan.Length);
        var length = reader.CopyString(target);
        buffer.CompleteField(length, start, start + reader.ValueSpan.Length, roles, isKey, isEscaped: true);
    }
}
