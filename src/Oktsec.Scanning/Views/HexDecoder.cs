using System.Buffers;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>Decodes runs of hexadecimal digits, also <c>\x41\x42</c>, <c>0x41 0x42</c> and <c>41:42</c>.</summary>
internal sealed class HexDecoder : IDecoder
{
    // 16 digits are 8 characters of text; a shorter run is a number or a colour.
    private const int MinDigits = 16;

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    public void Decode(ScanBuffer buffer, int field, ref int budget)
    {
        var (start, end) = (buffer[field].Start, buffer[field].End);
        for (var at = start; at < end;)
        {
            var skip = buffer.Text[at..end].IndexOfAny(Digits);
            if (skip < 0)
                return;
            at += skip;
            var target = buffer.BeginField(Math.Min((end - at + 1) / 2, 1 + (Math.Max(0, budget))));
            var to = Read(buffer.Text[..end], at, target, out var written);
            if (written * 2 >= MinDigits && TextCheck.CleanText(target[..written]))
            {
                budget -= written;
                buffer.CompleteDecoded(written, field, at, to, Decoding.Hex);
            }
            if (to < end && written == target.Length)
            {
                budget = -1;
                return;
            }
            at = Math.Max(to, at + 1);
        }
    }

    // Pairs of digits with nothing or one of the usual marks between them; where they end.
    private static int Read(ReadOnlySpan<byte> text, int at, Span<byte> target, out int written)
    {
        written = 0;
        var end = at;
        while (at + 1 < text.Length && written < target.Length && Value(text[at]) is var high and >= 0 && Value(text[at + 1]) is var low and >= 0)
        {
            target[written++] = (byte)(high << 4 | low);
            end = at += 2;
            at += Mark(text[at..]);
        }
        return end;
    }

    private static int Mark(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("\\x"u8) || text.StartsWith("0x"u8))
            return 2;
        if (text.StartsWith(" 0x"u8) || text.StartsWith(",0x"u8))
            return 3;
        if (text.StartsWith(", 0x"u8))
            return 4;
        return text.Length > 2 && text[0] is (byte)' ' or (byte)':' ? 1 : 0;
    }

    private static int Value(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => -1,
    };
}
