using System.Buffers;

namespace Oktsec.Scanning.Validators;

/// <summary>Finds what a terminal obeys instead of showing: the sequences that ESC begins, and the characters of C1, which stand for such (ECMA-48).</summary>
/// <remarks>Other control characters stay: a binary file read as text is full of them, and nroff prints bold letters by a backspace.</remarks>
internal static class TerminalEscapes
{
    private const byte Escape = 0x1B;
    private const byte Bell = 0x07; // ends an operating system command, as xterm takes it

    private const byte C1 = 0xC2; // the first byte of U+0080 to U+009F in UTF-8

    private static readonly SearchValues<byte> Starts = SearchValues.Create([Escape, C1]);

    private static readonly SearchValues<byte> StringEnds = SearchValues.Create([Bell, Escape, C1]);

    public static bool Next(ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        for (; ; from = start + 1)
        {
            var skip = text[from..].IndexOfAny(Starts);
            start = end = from + skip;
            if (skip < 0)
                return false;
            end = End(text, start);
            if (end > start)
                return true;
        }
    }

    // Behind the sequence that begins here; the start itself when it is none.
    private static int End(ReadOnlySpan<byte> text, int start)
    {
        if (text[start] == C1)
        {
            if (!IsControl(text, start))
                return start;
            return text[start + 1] switch
            {
                0x9B => Parameters(text, start + 2),
                0x90 or 0x98 or 0x9D or 0x9E or 0x9F => String(text, start + 2),
                _ => start + 2,
            };
        }
        if (start + 1 >= text.Length)
            return start + 1;
        return text[start + 1] switch
        {
            (byte)'[' => Parameters(text, start + 2),
            (byte)'P' or (byte)'X' or (byte)']' or (byte)'^' or (byte)'_' => String(text, start + 2),
            >= 0x20 and <= 0x7E => Parameters(text, start + 1, isBare: true),
            _ => start + 1,
        };
    }

    // Parameter bytes, intermediate bytes, one final byte (ECMA-48, 5.4). What is cut short is taken as far as it goes.
    private static int Parameters(ReadOnlySpan<byte> text, int at, bool isBare = false)
    {
        while (!isBare && at < text.Length && text[at] is >= 0x30 and <= 0x3F)
            at++;
        while (at < text.Length && text[at] is >= 0x20 and <= 0x2F)
            at++;
        return at < text.Length && text[at] is >= 0x30 and <= 0x7E ? at + 1 : at;
    }

    // A control string with its text (a title, a link's hidden target): to its terminator, or its introducer alone when none comes before the next sequence.
    private static int String(ReadOnlySpan<byte> text, int at)
    {
        for (var from = at; ;)
        {
            var length = text[from..].IndexOfAny(StringEnds);
            if (length < 0)
                return at;
            var close = from + length;
            if (text[close] == Bell)
                return close + 1;
            if (text[close] == Escape)
                return close + 1 < text.Length && text[close + 1] == '\\' ? close + 2 : at;
            if (IsControl(text, close))
                return text[close + 1] == 0x9C ? close + 2 : at;
            from = close + 1;
        }
    }

    // U+0085 is a line end; above U+009F stand letters.
    private static bool IsControl(ReadOnlySpan<byte> text, int at) => at + 1 < text.Length && text[at + 1] is >= 0x80 and <= 0x9F and not 0x85;
}
