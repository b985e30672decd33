using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Oktsec.Mcp.Envelope;

/// <summary>Strings of a message that was already judged well-formed.</summary>
internal static class JsonText
{
    /// <summary>The raw string token of a text; only what JSON itself needs is escaped.</summary>
    public static byte[] Quote(string text) => [(byte)'"', .. JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"'];

    /// <summary>The text of a raw string token, quotes included.</summary>
    public static string Decode(ReadOnlySpan<byte> token)
    {
        var content = token[1..^1];
        if (!content.Contains((byte)'\\'))
            return Encoding.UTF8.GetString(content);
        var reader = new Utf8JsonReader(token);
        reader.Read();
        return reader.GetString()!;
    }

    /// <summary>The same for any raw token; null when it is not a string.</summary>
    public static string? TryDecode(ReadOnlySpan<byte> token) => token is [(byte)'"', ..] ? Decode(token) : null;

    /// <summary>Whether a raw string token means <paramref name="text"/>, however it is spelled.</summary>
    public static bool Means(ReadOnlySpan<byte> token, ReadOnlySpan<byte> text)
    {
        var content = token[1..^1];
        if (content.SequenceEqual(text))
            return true;
        if (!content.Contains((byte)'\\'))
            return false;
        var reader = new Utf8JsonReader(token);
        return reader.Read() && reader.ValueTextEquals(text);
    }

    /// <summary>Offset of the first escaped surrogate without its other half, or -1. JSON allows it, Unicode does not; readers differ.</summary>
    /// <param name="content">The inside of a string whose escapes are well-formed.</param>
    public static int LoneSurrogate(ReadOnlySpan<byte> content)
    {
        // Surrogates are D800 to DFFF: without one of these three bytes in a row there is none.
        if (content.IndexOf("\\ud"u8) < 0 && content.IndexOf("\\uD"u8) < 0)
            return -1;
        for (var at = 0; ;)
        {
            var next = content[at..].IndexOf((byte)'\\');
            if (next < 0)
                return -1;
            at += next;
            if (content[at + 1] != 'u')
            {
                at += 2;
                continue;
            }
            var unit = CodeUnit(content[(at + 2)..]);
            if (!char.IsSurrogate(unit))
            {
                at += 6; // \uXXXX
                continue;
            }
            var rest = content[(at + 6)..];
            if (!char.IsHighSurrogate(unit) || !rest.StartsWith("\\u"u8) || !char.IsLowSurrogate(CodeUnit(rest[2..])))
                return at;
            at += 12;
        }
    }

    private static char CodeUnit(ReadOnlySpan<byte> fourDigits) =>
        Utf8Parser.TryParse(fourDigits[..4], out ushort unit, out _, 'x') ? (char)unit : '\0';
}
