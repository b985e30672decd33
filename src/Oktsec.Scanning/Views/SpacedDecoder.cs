using System.Runtime.Intrinsics;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>Closes up spaced-out letters: <c>i g n o r e   a l l</c>, <c>i.g.n.o.r.e</c>. Wider gaps end words.</summary>
internal sealed class SpacedDecoder : IDecoder
{
    // Eight letters: initials and enumerations (a, b, c) are shorter.
    public const int MinLetters = 8;

    // A run of eight letters is 15 bytes and covers one of these places.
    private const int Stride = 8;

    private static readonly ByteClass Separators = new(" \t\n.-*,_|~"u8);

    public void Decode(ScanBuffer buffer, int field, ref int budget)
    {
        var (start, end) = (buffer[field].Start, buffer[field].End);
        // Bytes below the end do not change when a field is added behind it.
        var text = buffer.Text[..end];
        var looked = 0;
        for (var probe = start + Stride; probe + 3 < end; probe += Stride)
        {
            if (probe >= looked && probe + ByteClass.Window <= end)
            {
                if (!Alternates(text.Slice(probe - 1, ByteClass.Window)))
                {
                    probe += ByteClass.Window - 2 * Stride;
                    continue;
                }
                looked = probe + ByteClass.Window - Stride;
            }
            // Two letters or two separators in a row are the rule; here they alternate.
            if (IsSeparator(text[probe]) == IsSeparator(text[probe + 1]) || IsSeparator(text[probe]) == IsSeparator(text[probe - 1]))
                continue;
            var at = char.IsAsciiLetterOrDigit((char)text[probe]) ? probe : probe + 1;
            if (!IsSingle(text, at, start) || !IsSingle(text, at + 2, start))
                continue;
            var from = at;
            while (from - 2 >= start && IsSingle(text, from - 2, start))
                from -= 2;
            if (end - from > budget)
                return;
            var target = buffer.BeginField(end - from);
            var to = Read(text, from, target, out var written, out var letters);
            if (letters >= MinLetters)
            {
                budget -= written;
                buffer.CompleteDecoded(written, field, from, to, Decoding.Spaced);
            }
            probe = Math.Max(probe, to);
        }
    }

    // Whether separators and others take turns four times in a row anywhere in 64 bytes; in most text they never do.
    private static bool Alternates(ReadOnlySpan<byte> window)
    {
        if (!Vector128.IsHardwareAccelerated)
            return true;
        var separators = Separators.Members(in window[0]);
        // Bit i: byte i is of another kind than the next. The last has no next.
        var turns = (separators ^ separators >> 1) & (ulong.MaxValue >> 1);
        turns &= turns >> 1;
        return (turns & turns >> 2) != 0;
    }

    // A letter with a separator on both sides.
    private static bool IsSingle(ReadOnlySpan<byte> text, int at, int start) =>
        at < text.Length && char.IsAsciiLetterOrDigit((char)text[at]) && (at == start || IsSeparator(text[at - 1])) && (at + 1 == text.Length || IsSeparator(text[at + 1]));

    // One bit per character below 128: blank, tab, line end, and . - _ * | , ~
    private static bool IsSeparator(byte c) => c < 64 ? (1UL << c & (1UL << ' ' | 1UL << '\t' | 1UL << '\n' | 1UL << '.' | 1UL << '-' | 1UL << '*' | 1UL << ',')) != 0 : c is (byte)'_' or (byte)'|' or (byte)'~';

    private static int Read(ReadOnlySpan<byte> text, int at, Span<byte> target, out int written, out int letters)
    {
        (written, letters) = (0, 0);
        var end = at;
        while (at < text.Length)
        {
            var next = at + 1;
            while (next < text.Length && IsSeparator(text[next]))
                next++;
            // A longer word or other punctuation ends the run.
            if (next < text.Length && next == at + 1)
                return end;
            target[written++] = text[at];
            letters++;
            end = at + 1;
            if (next < text.Length && next > at + 2)
                target[written++] = (byte)' ';
            at = next;
            if (at < text.Length && !char.IsAsciiLetterOrDigit((char)text[at]) && text[at] is not ((byte)':' or (byte)'!' or (byte)'/'))
                return end;
        }
        return end;
    }
}
