using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Oktsec.Mcp.Envelope;

/// <summary>Finds the id of a message of which only the first or the last bytes are known, so that its caller need not wait for the timeout.</summary>
/// <remarks>A wrong guess cannot deliver anything: the message is refused either way, the question is only whose call fails at once.</remarks>
internal static class IdPeek
{
    /// <summary>Whether the message is an answer, told by the first of its members that says so; null when none of them stands among the first.</summary>
    public static bool? IsAnswer(ReadOnlySpan<byte> head)
    {
        var reader = new Utf8JsonReader(head, isFinalBlock: false, default);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                if (reader.ValueTextEquals("method"u8) || reader.ValueTextEquals("params"u8))
                    return false;
                if (reader.ValueTextEquals("result"u8) || reader.ValueTextEquals("error"u8))
                    return true;
            }
        }
        catch (JsonException)
        {
            // Not JSON.
        }
        return null;
    }

    /// <summary>The id when it stands among the first top-level members.</summary>
    public static long? FromHead(ReadOnlySpan<byte> head)
    {
        var reader = new Utf8JsonReader(head, isFinalBlock: false, default);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("id"u8))
                    continue;
                return reader.Read() && RpcIds.TryGetNumber(RpcIds.Unquoted(head[(int)reader.TokenStartIndex..(int)reader.BytesConsumed]), out var id) ? id : null;
            }
        }
        catch (JsonException)
        {
            // Not JSON, so nobody's response.
        }
        return null;
    }

    /// <summary>The raw token of the id, a number or a string without escapes, wherever <see cref="FromHead"/> or <see cref="FromTail"/> look; empty when it is not there.</summary>
    public static byte[] Token(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        var reader = new Utf8JsonReader(head, isFinalBlock: false, default);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("id"u8))
                    continue;
                if (!reader.Read() || reader.TokenType is not (JsonTokenType.Number or JsonTokenType.String))
                    break;
                return head[(int)reader.TokenStartIndex..(int)reader.BytesConsumed].ToArray();
            }
        }
        catch (JsonException)
        {
            // Not JSON; its end may still look like a message's.
        }
        if (FromTail(tail) is { } number)
            return RpcIds.Of(number);
        var rest = tail.TrimEnd(" \t\r\n"u8);
        if (!TryTrimEnd(ref rest, "}"u8) || !rest.EndsWith("\""u8))
            return [];
        var open = rest[..^1].LastIndexOfAny("\"\\"u8);
        if (open < 0 || rest[open] != '"')
            return [];
        var token = rest[open..];
        rest = rest[..open];
        return TryTrimEnd(ref rest, ":"u8) && TryTrimEnd(ref rest, "\"id\""u8) && Utf8.IsValid(token) && !token.ContainsAnyInRange((byte)0, (byte)31) ? token.ToArray() : [];
    }

    /// <summary>The raw token of the id of a refused message that looks like an answer; empty when it looks like none. A number that means an integer is one.</summary>
    public static byte[] OfAnswer(ReadOnlySpan<byte> message)
    {
        var text = message.TrimStart("\uFEFF[ \t\r"u8); // what stands before it may be why it was refused
        if (!text.StartsWith("{"u8) || IsAnswer(text) == false)
            return [];
        var token = Token(text, text);
        return token is [(byte)'"', ..] ? token
            : Utf8Parser.TryParse(token, out decimal number, out var read, 'g') && read == token.Length && number == Math.Truncate(number) && Math.Abs(number) <= long.MaxValue
            ? RpcIds.Of((long)number) : [];
    }

    /// <summary>The id when it is the last member, as the TypeScript SDK writes it: <c>...,"id":7}</c>.</summary>
    /// <remarks>The last brace closes the outermost object, so what stands before it is a top-level member and no text inside a string.</remarks>
    public static long? FromTail(ReadOnlySpan<byte> tail)
    {
        var rest = tail.TrimEnd(" \t\r\n"u8);
        if (!TryTrimEnd(ref rest, "}"u8))
            return null;
        var isQuoted = rest.EndsWith("\""u8);
        if (isQuoted)
            rest = rest[..^1];
        var digits = rest.Length - rest.TrimEnd("0123456789"u8).Length;
        if (!RpcIds.TryGetNumber(rest[^digits..], out var id))
            return null;
        rest = rest[..^digits];
        if (isQuoted && !TryTrimEnd(ref rest, "\""u8))
            return null;
        return TryTrimEnd(ref rest, ":"u8) && TryTrimEnd(ref rest, "\"id\""u8) && rest.Length > 0 && rest[^1] is (byte)',' or (byte)'{' ? id : null;
    }

    private static bool TryTrimEnd(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> end)
    {
        text = text.TrimEnd(" \t\r"u8);
        if (!text.EndsWith(end))
            return false;
        text = text[..^end.Length].TrimEnd(" \t\r"u8);
        return true;
    }
}
