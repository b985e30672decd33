using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>Decodes text with escapes in it, together with the plain text around them: <c>Ign%6fre previous</c> is one sentence.</summary>
internal sealed class EscapeDecoder<T> : IDecoder where T : IEscapes
{
    // Text this far from an escape is read with it. The longest pattern that hides letters in escapes fits.
    private const int Surroundings = 256;

    public void Decode(ScanBuffer buffer, int field, ref int budget)
    {
        var (start, end) = (buffer[field].Start, buffer[field].End);
        Span<byte> scratch = stackalloc byte[16];
        for (var at = start; at < end;)
        {
            var text = buffer.Text[..end];
            if (Next(text, at, scratch) is not (>= 0 and var first))
                return;
            var (count, last) = (0, first);
            for (var next = first; next >= 0 && next - last <= Surroundings; next = Next(text, last, scratch))
            {
                last = next + T.Step(text[next..], scratch, out _);
                count++;
            }
            at = last;
            if (count < T.MinEscapes)
                continue;
            var from = CharacterStart(text, Math.Max(start, first - Surroundings));
            var to = CharacterStart(text, Math.Min(end, last + Surroundings));
            if (to - from > budget)
            {
                budget = -1;
                return;
            }
            var target = buffer.BeginField(to - from + 16);
            var written = Decode(buffer.Text[from..to], target);
            if (!TextCheck.CleanText(target[..written]))
                continue;
            budget -= written;
            buffer.CompleteDecoded(written, field, from, to, T.Via);
            at = to;
        }
    }

    /// <summary>Moves <paramref name="cursor"/> to the character of <paramref name="source"/> that holds decoded byte <paramref name="decoded"/>, which is not before it.</summary>
    public static void ToSource(ReadOnlySpan<byte> source, int decoded, bool after, ref OffsetCursor cursor)
    {
        Span<byte> scratch = stackalloc byte[16];
        while (cursor.Source < source.Length && cursor.Decoded < decoded)
        {
            var used = Step(source[cursor.Source..], scratch, out var length);
            if (cursor.Decoded + length > decoded && !after)
                return;
            cursor = new OffsetCursor(cursor.Source + used, cursor.Decoded + length);
        }
    }

    private static int Decode(ReadOnlySpan<byte> source, Span<byte> target)
    {
        Span<byte> scratch = stackalloc byte[16];
        // A plus is a blank in a query, and a plus in a sentence.
        var plusIsBlank = T.Via == Decoding.Url && source.IndexOfAny(" \n\t\r"u8) < 0;
        var written = 0;
        for (var read = 0; read < source.Length;)
        {
            read += Step(source[read..], scratch, out var length);
            if (plusIsBlank && length == 1 && source[read - 1] == '+')
                scratch[0] = (byte)' ';
            scratch[..length].CopyTo(target[written..]);
            written += length;
        }
        return written;
    }

    // One escape, or one byte as it stands.
    private static int Step(ReadOnlySpan<byte> source, Span<byte> scratch, out int length)
    {
        length = 1;
        var used = source[0] == T.Trigger ? T.Step(source, scratch, out length) : 0;
        if (used > 0)
            return used;
        (length, scratch[0]) = (1, source[0]);
        return 1;
    }

    private static int Next(ReadOnlySpan<byte> text, int at, Span<byte> scratch)
    {
        while (at < text.Length)
        {
            var skip = text[at..].IndexOf(T.Trigger);
            if (skip < 0)
                return -1;
            at += skip;
            if (T.Step(text[at..], scratch, out _) > 0)
                return at;
            at++;
        }
        return -1;
    }

    private static int CharacterStart(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && (text[at] & 0xC0) == 0x80)
            at++;
        return at;
    }
}
