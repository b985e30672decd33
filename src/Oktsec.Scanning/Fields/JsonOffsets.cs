using System.Globalization;
using System.Text;

namespace Oktsec.Scanning.Fields;

/// <summary>Finds the bytes of a JSON string's source that write given bytes of its decoded text.</summary>
internal static class JsonOffsets
{
    /// <summary>Offset in <paramref name="source"/> (without the quotes) of the character that holds decoded byte <paramref name="decoded"/>.</summary>
    /// <param name="source">The string as written.</param>
    /// <param name="decoded">Offset in the decoded text.</param>
    /// <param name="after">The end of a character that begins before, instead of its start.</param>
    public static int ToSource(ReadOnlySpan<byte> source, int decoded, bool after)
    {
        var (at, seen) = (0, 0);
        while (at < source.Length && seen < decoded)
        {
            var written = Next(source[at..], out var length);
            if (seen + length > decoded && !after)
                return at;
            at += written;
            seen += length;
        }
        return at;
    }

    // Bytes of source that write one character, and the bytes it decodes to.
    private static int Next(ReadOnlySpan<byte> source, out int length)
    {
        if (source[0] != '\\')
        {
            Rune.DecodeFromUtf8(source, out _, out var used);
            length = used;
            return used;
        }
        length = 1;
        if (source.Length < 6 || source[1] != 'u')
            return Math.Min(2, source.Length);
        var unit = Unit(source);
        if (char.IsHighSurrogate(unit) && source.Length >= 12 && source[6] == '\\' && source[7] == 'u')
        {
            length = 4;
            return 12;
        }
        length = new Rune(char.IsSurrogate(unit) ? '\uFFFD' : unit).Utf8SequenceLength;
        return 6;
    }

    private static char Unit(ReadOnlySpan<byte> source) =>
        ushort.TryParse(source.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit) ? (char)unit : '\uFFFD';
}
