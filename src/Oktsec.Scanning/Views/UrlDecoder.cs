using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>Decodes <c>%41</c> in runs without white space; <c>+</c> stands for a blank only where %-escapes stand around it.</summary>
internal sealed class UrlDecoder : IDecoder
{
    public void Decode(ScanBuffer buffer, int field, ref int budget)
    {
        var (start, end) = (buffer[field].Start, buffer[field].End);
        for (var at = start; at < end;)
        {
            var skip = buffer.Text[at..end].IndexOf((byte)'%');
            if (skip < 0)
                return;
            at += skip;
            if (!IsEscape(buffer.Text, at, end))
            {
                at++;
                continue;
            }
            var text = buffer.Text[start..end];
            var from = start + text[..(at - start)].LastIndexOfAny(" \n\t\r"u8) + 1;
            var length = buffer.Text[at..end].IndexOfAny(" \n\t\r"u8);
            var to = length < 0 ? end : at + length;
            if (to - from > budget)
            {
                budget = -1;
                return;
            }
            var target = buffer.BeginField(to - from);
            var written = Decode(buffer.Text[from..to], target);
            if (TextCheck.CleanText(target[..written]) && !target[..written].SequenceEqual(buffer.Text[from..to]))
            {
                budget -= written;
                buffer.CompleteDecoded(written, field, from, to, Decoding.Url);
            }
            at = to;
        }
    }

    private static int Decode(ReadOnlySpan<byte> text, Span<byte> target)
    {
        var written = 0;
        for (var i = 0; i < text.Length;)
        {
            if (IsEscape(text, i, text.Length))
            {
                target[written++] = (byte)(Value(text[i + 1]) << 4 | Value(text[i + 2]));
                i += 3;
                continue;
            }
            target[written++] = text[i] == '+' ? (byte)' ' : text[i];
            i++;
        }
        return written;
    }

    private static bool IsEscape(ReadOnlySpan<byte> text, int at, int end) =>
        at + 2 < end && text[at] == '%' && char.IsAsciiHexDigit((char)text[at + 1]) && char.IsAsciiHexDigit((char)text[at + 2]);

    private static int Value(byte c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
