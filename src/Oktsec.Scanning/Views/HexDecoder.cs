using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>Decodes runs of hexadecimal digits: <c>4142</c>, <c>41 42</c>, <c>41:42</c>, <c>0x41, 0x42</c>.</summary>
internal sealed class HexDecoder : IDecoder
{
    // 16 digits are 8 characters of text; a shorter run is a number or a colour.
    private const int MinLength = 16;

    // Digits and what stands between pairs of them.
    private static readonly RunFinder Runs = new("0123456789abcdefABCDEF :,x-"u8, MinLength);

    public void Decode(ScanBuffer buffer, int field, ref int budget)
    {
        var (start, end) = (buffer[field].Start, buffer[field].End);
        for (var at = 0; ;)
        {
            (var from, at) = Runs.Next(buffer.Text[start..end], at);
            if (from < 0)
                return;
            if ((at - from) / 2 > budget)
            {
                budget = -1;
                return;
            }
            DecodeRun(buffer, field, start + from, start + at, ref budget);
        }
    }

    private static void DecodeRun(ScanBuffer buffer, int field, int from, int to, ref int budget)
    {
        while ((from = NextPair(buffer.Text, from, to)) < to)
        {
            var target = buffer.BeginField((to - from + 1) / 2);
            var read = Read(buffer.Text[from..to], target, out var written);
            if (written * 2 >= MinLength && TextCheck.CleanText(target[..written]))
            {
                budget -= written;
                buffer.CompleteDecoded(written, field, from, from + read, Decoding.Hex);
            }
            from += Math.Max(1, read);
        }
    }

    // Runs of blanks, as they indent code, hold none.
    private static int NextPair(ReadOnlySpan<byte> text, int from, int to)
    {
        while (from < to && !(text[from] != ' ' && (text[from..].StartsWith("0x"u8) || (from + 1 < to && Escapes.Hex(text.Slice(from, 2)) >= 0))))
            from++;
        return from;
    }

    // Pairs of digits with nothing or one of the usual marks between them.
    private static int Read(ReadOnlySpan<byte> text, Span<byte> target, out int written)
    {
        written = 0;
        var at = text.StartsWith("0x"u8) ? 2 : 0;
        var end = at;
        while (at + 1 < text.Length && written < target.Length && Escapes.Hex(text.Slice(at, 2)) is >= 0 and var value)
        {
            target[written++] = (byte)value;
            end = at += 2;
            while (at < text.Length && at - end < 2 && text[at] is (byte)' ' or (byte)':' or (byte)',' or (byte)'-')
                at++;
            if (text[at..].StartsWith("0x"u8))
                at += 2;
        }
        return end;
    }
}
