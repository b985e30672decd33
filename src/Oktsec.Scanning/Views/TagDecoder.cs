using System.Text;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>
/// Reads text written in invisible characters: tag characters (U+E0020 to U+E007E are ASCII), variation selectors (256 of them, a byte each),
/// and bits written as U+2062 and U+2064.
/// </summary>
internal sealed class TagDecoder : IDecoder
{
    // Flags of regions are up to seven tags; text has more.
    private const int MinCharacters = 8;

    // Values from here on are bits, not bytes.
    private const int Bit = 256;

    public void Decode(ScanBuffer buffer, int field, ref int budget)
    {
        var end = buffer[field].End;
        Span<byte> scratch = stackalloc byte[1];
        for (var at = Next(buffer.Text, buffer[field].Start, end); at < end && budget >= 0; at = Next(buffer.Text, at, end))
        {
            // A first pass counts: most such characters stand alone, behind an emoji.
            var (to, count) = Read(buffer.Text[..end], at, scratch, out _);
            if (count >= MinCharacters && count <= budget)
            {
                var target = buffer.BeginField(count);
                Read(buffer.Text[..end], at, target, out var written);
                if (TextCheck.CleanText(target[..written]))
                {
                    budget -= written;
                    buffer.CompleteDecoded(written, field, at, to, Decoding.Tags);
                }
            }
            at = Math.Max(to, at + 1);
        }
    }

    // UTF-8 of tags and selectors begins with F3 A0 or EF B8, that of the bits with E2 81.
    private static int Next(ReadOnlySpan<byte> text, int from, int end)
    {
        while (from < end)
        {
            var skip = text[from..end].IndexOfAny((byte)0xF3, (byte)0xEF, (byte)0xE2);
            if (skip < 0 || from + skip + 2 >= end)
                return end;
            from += skip;
            if ((text[from], text[from + 1]) is (0xF3, 0xA0) or (0xEF, 0xB8) or (0xE2, 0x81))
                return from;
            from++;
        }
        return end;
    }

    private static (int End, int Count) Read(ReadOnlySpan<byte> text, int at, Span<byte> target, out int written)
    {
        var (count, bits, bitCount) = (0, 0, 0);
        written = 0;
        while (at < text.Length)
        {
            Rune.DecodeFromUtf8(text[at..], out var rune, out var used);
            var value = Value(rune.Value);
            if (value < 0)
                break;
            count++;
            at += used;
            if (value < Bit)
            {
                Write(target, ref written, value);
                continue;
            }
            (bits, bitCount) = (bits << 1 | (value - Bit), bitCount + 1);
            if (bitCount < 8)
                continue;
            Write(target, ref written, bits);
            (bits, bitCount) = (0, 0);
        }
        return (at, count);
    }

    private static void Write(Span<byte> target, ref int written, int value)
    {
        if (written < target.Length)
            target[written++] = (byte)value;
    }

    private static int Value(int c) => c switch
    {
        >= 0xE0020 and <= 0xE007E => c - 0xE0000,
        >= 0xFE00 and <= 0xFE0F => c - 0xFE00,
        >= 0xE0100 and <= 0xE01EF => c - 0xE0100 + 16,
        0x2062 => Bit,
        0x2064 => Bit + 1,
        _ => -1,
    };
}
