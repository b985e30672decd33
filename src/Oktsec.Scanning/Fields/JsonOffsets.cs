using System.Globalization;
using System.Text;

namespace Oktsec.Scanning.Fields;

/// <summary>Finds the bytes of a JSON string's source that write given bytes of its decoded text.</summary>
internal static class JsonOffsets
{
    /// <summary>Moves <paramref name="cursor"/> to the character of <paramref name="source"/> (without the quotes) that holds decoded byte <paramref name="decoded"/>.</summary>
    /// <param name="source">The string as written.</param>
    /// <param name="decoded">Offset in the decoded text, not before the cursor.</param>
    /// <param name="after">The end of a character that begins before, instead of its start.</param>
    /// <param name="cursor">Where to go on from.</param>
    public static void ToSource(ReadOnlySpan<byte> source, int decoded, bool after, ref OffsetCursor cursor)
    {
        while (cursor.Source < source.Length && cursor.Decoded < decoded)
        {
            var written = Next(source[cursor.Source..], out var length);
            if (cursor.Decoded + length > decoded && !after)
                return;
            cursor = new OffsetCursor(cursor.Source + written, cursor.Decoded + length);
        }
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
