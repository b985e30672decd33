using System.Text;
using Oktsec.Scanning.Definitions;
using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Validators;

/// <summary>Finds runs of characters that nobody sees, but for those that letters and emoji beside them need.</summary>
internal static class HiddenRuns
{
    public static bool Next(ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        start = end = -1;
        var previous = Before(text, from);
        for (var at = from; at < text.Length;)
        {
            if (text[at] < 0x80)
            {
                if (start >= 0)
                    return true;
                // Plain text is skipped as fast as memory goes.
                var skip = text[at..].IndexOfAnyInRange((byte)0x80, (byte)0xFF);
                if (skip < 0)
                    return false;
                previous = new Rune((char)text[at + skip - 1]);
                at += skip;
                continue;
            }
            Rune.DecodeFromUtf8(text[at..], out var rune, out var used);
            if (FoldTable.IsInvisible(rune.Value) && !IsNeeded(rune.Value, previous.Value, at))
            {
                start = start < 0 ? at : start;
                end = at + used;
            }
            else if (start >= 0)
            {
                return true;
            }
            else
            {
                previous = rune; // a run counts by what stands before it
            }
            at += used;
        }
        return start >= 0;
    }

    private static bool IsNeeded(int c, int previous, int at) => InvisibleText.IsOrdinary(c, previous, at) || c switch
    {
        >= 0xE0100 and <= 0xE01EF => previous is (>= 0x3400 and <= 0x9FFF) or (>= 0x20000 and <= 0x3FFFF), // forms of ideographs
        0x115F or 0x1160 or 0x3164 or 0xFFA0 => previous is (>= 0x1100 and <= 0x11FF) or (>= 0x3131 and <= 0x318E) or (>= 0xAC00 and <= 0xD7A3),
        0xFEFF => previous is RegexClasses.FieldEnd or RegexClasses.PairEnd, // the byte order mark that many files begin with
        0x2800 => previous is >= 0x2801 and <= 0x28FF, // Braille
        (>= 0x1AB0 and <= 0x1AFF) or (>= 0x1DC0 and <= 0x1DFF) or (>= 0x20D0 and <= 0x20FF) or (>= 0xFE20 and <= 0xFE2F) => previous > 0x40,
        _ => false,
    };

    private static Rune Before(ReadOnlySpan<byte> text, int at)
    {
        Rune.DecodeLastFromUtf8(text[..at], out var rune, out var used);
        return used == 0 ? new Rune(' ') : rune;
    }
}
