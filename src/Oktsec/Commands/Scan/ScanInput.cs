using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Oktsec.Commands.Scan;

/// <summary>Reads what is to be scanned.</summary>
internal static class ScanInput
{
    // A scan holds the text, its fields and its folded form: about four times this. Larger files are named, never left out in silence.
    public const int MaxBytes = 256 * 1024 * 1024;

    // As deep as JSON may be nested to be walked at all; what is deeper is scanned as text.
    private const int MaxDepth = 128;

    /// <summary>The bytes of a file or, for <c>-</c>, of standard input; null after saying why not.</summary>
    public static byte[]? TryRead(string file, TextWriter error)
    {
        try
        {
            using var stream = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            if (file != "-" && stream.Length > MaxBytes)
                return Refuse(file, $"is larger than {MaxBytes / (1024 * 1024)} MiB and was not scanned", error);
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return AsUtf8(bytes.ToArray());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse(file, $"cannot be read: {e.Message}", error);
        }
    }

    /// <summary>An object or list; a lone number or word is text.</summary>
    public static bool IsJson(ReadOnlySpan<byte> content)
    {
        var text = content.TrimStart(" \t\r\n"u8);
        if (text.IsEmpty || text[0] is not ((byte)'{' or (byte)'['))
            return false;
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
            {
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Text without a mark for its byte order; what is no UTF-8 is read as readers would, with U+FFFD for what cannot be.</summary>
    public static byte[] AsUtf8(byte[] bytes)
    {
        ReadOnlySpan<byte> all = bytes;
        if (all.StartsWith(Encoding.Unicode.Preamble))
            return Encoding.UTF8.GetBytes(Encoding.Unicode.GetString(all[2..]));
        if (all.StartsWith(Encoding.BigEndianUnicode.Preamble))
            return Encoding.UTF8.GetBytes(Encoding.BigEndianUnicode.GetString(all[2..]));
        if (all.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[3..];
        return Utf8.IsValid(bytes) ? bytes : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes));
    }

    private static byte[]? Refuse(string file, string why, TextWriter error)
    {
        error.WriteLine($"oktsec: {TerminalText.Escape(file)} {TerminalText.Escape(why)}");
        return null;
    }
}
