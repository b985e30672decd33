using System.Buffers.Text;
using System.Text;

namespace Oktsec.Mcp.Envelope;

/// <summary>Ids and progress tokens: raw JSON tokens, either a string or an integer.</summary>
public static class RpcIds
{
    // -9223372036854775808
    private const int LongestInteger = 20;

    /// <summary>The token of a number.</summary>
    public static byte[] Of(long number)
    {
        Span<byte> text = stackalloc byte[LongestInteger];
        Utf8Formatter.TryFormat(number, text, out var length);
        return text[..length].ToArray();
    }

    /// <summary>Whether the token is an integer that fits, such as the ids that <see cref="Of"/> made.</summary>
    public static bool TryGetNumber(ReadOnlySpan<byte> token, out long number) =>
        Utf8Parser.TryParse(token, out number, out var read) && read == token.Length;

    /// <summary>Of an answer's id that is an integer in quotes the integer, of any other the id itself.</summary>
    /// <remarks>Servers that keep ids as texts answer 7 with "7", and the clients of the official TypeScript and Python SDKs take it. An id that is the same goes first.</remarks>
    public static ReadOnlySpan<byte> Unquoted(ReadOnlySpan<byte> token) =>
        token is [(byte)'"', .. var text, (byte)'"'] && TryGetNumber(text, out var number) && text.SequenceEqual(Of(number)) ? text : token;

    /// <summary>A key that is equal for equal ids however they are spelled; <c>1</c> and <c>"1"</c> differ.</summary>
    /// <remarks>An integer keeps its spelling, since it can be longer than any number type; zero alone has two.</remarks>
    public static string Key(ReadOnlySpan<byte> token) =>
        token is [(byte)'"', ..] ? "\"" + JsonText.Decode(token) : token.SequenceEqual("-0"u8) ? "0" : Encoding.ASCII.GetString(token);

    /// <summary>Whether two tokens are the same id.</summary>
    public static bool AreSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        one.SequenceEqual(other) || (one is [(byte)'"', ..] == other is [(byte)'"', ..] && Key(one) == Key(other));
}
