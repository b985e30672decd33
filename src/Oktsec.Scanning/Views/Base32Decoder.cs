using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>Decodes runs of base32 (RFC 4648).</summary>
internal sealed class Base32Decoder : IDecoder
{
    // 24 characters are 15 bytes; words in capitals are shorter.
    private const int MinLength = 24;

    private static readonly RunFinder Runs = new("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"u8, MinLength);

    public void Decode(ScanBuffer buffer, int field, ref int budget)
    {
        var (start, end) = (buffer[field].Start, buffer[field].End);
        for (var at = 0; ;)
        {
            (var from, at) = Runs.Next(buffer.Text[start..end], at);
            if (from < 0)
                return;
            if ((at - from) * 5 / 8 > budget)
            {
                budget = -1;
                return;
            }
            var target = buffer.BeginField((at - from) * 5 / 8 + 1);
            var written = Read(buffer.Text[(start + from)..(start + at)], target);
            if (!TextCheck.CleanText(target[..written]))
                continue;
            budget -= written;
            buffer.CompleteDecoded(written, field, start + from, start + at, Decoding.Base32);
        }
    }

    private static int Read(ReadOnlySpan<byte> text, Span<byte> target)
    {
        var (bits, count, written) = (0, 0, 0);
        foreach (var c in text)
        {
            bits = bits << 5 | (c >= 'A' ? c - 'A' : c - '2' + 26);
            count += 5;
            if (count < 8)
                continue;
            count -= 8;
            target[written++] = (byte)(bits >> count);
            bits &= (1 << count) - 1;
        }
        return written;
    }
}
