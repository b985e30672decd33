using System.Buffers;
using System.Text;

namespace Oktsec.Scanning.Validators;

/// <summary>Finds characters that carry text or hide it by standing many in a row where ordinary text has one or two.</summary>
internal static class InvisibleRuns
{
    // The first bytes, in UTF-8, of what each search looks for.
    private static readonly SearchValues<byte> Tag = SearchValues.Create([0xF3]);
    private static readonly SearchValues<byte> Selector = SearchValues.Create([0xF3, 0xEF]);
    private static readonly SearchValues<byte> ZeroWidth = SearchValues.Create([0xE1, 0xE2, 0xEF]);
    private static readonly SearchValues<byte> Mark = SearchValues.Create([0xCC, 0xCD, 0xE1, 0xE2]);

    // A flag of a region is six tags behind a black flag; eight spell a word.
    public static bool Tags(ReadOnlySpan<byte> text, int from, out int start, out int end) =>
        Next(text, from, 8, Tag, static c => c is >= 0xE0020 and <= 0xE007F, out start, out end);

    // One selector follows a character; each further one is a byte of somebody's data.
    public static bool Selectors(ReadOnlySpan<byte> text, int from, out int start, out int end) =>
        Next(text, from, 4, Selector, static c => c is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF), out start, out end);

    // Emoji join with one, Persian words part with one; two may be a slip.
    public static bool ZeroWidths(ReadOnlySpan<byte> text, int from, out int start, out int end) =>
        Next(text, from, 3, ZeroWidth, static c => c is (>= 0x200B and <= 0x200D) or 0x2060 or 0xFEFF or 0x180E, out start, out end);

    // Vietnamese and phonetic writing put up to three marks on a letter.
    public static bool Marks(ReadOnlySpan<byte> text, int from, out int start, out int end) =>
        Next(text, from, 4, Mark, static c => c is (>= 0x300 and <= 0x36F) or (>= 0x1AB0 and <= 0x1AFF) or (>= 0x1DC0 and <= 0x1DFF) or (>= 0x20D0 and <= 0x20FF), out start, out end);

    private static bool Next(ReadOnlySpan<byte> text, int from, int min, SearchValues<byte> first, Func<int, bool> belongs, out int start, out int end)
    {
        while (from < text.Length && text[from..].IndexOfAny(first) is var skip and >= 0)
        {
            start = end = from + skip;
            var count = 0;
            while (end < text.Length && Rune.DecodeFromUtf8(text[end..], out var rune, out var used) == OperationStatus.Done && belongs(rune.Value))
            {
                end += used;
                count++;
            }
            if (count >= min)
                return true;
            from = Math.Max(end, start + 1);
        }
        start = end = -1;
        return false;
    }
}
