using System.Buffers;
using System.Buffers.Text;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>Decodes runs of base64: standard or URL-safe, padded or not, wrapped lines included; and what is compressed inside.</summary>
internal sealed class Base64Decoder : IDecoder
{
    // 16 characters are 12 bytes: shorter text holds no instruction, and words of that length are common.
    private const int MinLength = 16;

    // A prefix that belongs to the run by its letters only, as in path/aWdub3Jl, shifts the groups of four: short runs are not tried shifted.
    private const int MinShifted = 24;

    // Enough to tell text from noise before a run is decoded whole.
    private const int ProbeLength = 64;

    // All bits: no letter has it, and any of four letters shows in their union.
    private const byte NoLetter = 0xFF;

    private static ReadOnlySpan<byte> Letters => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8;

    private static readonly byte[] Values = ValuesOfLetters();

    private static readonly RunFinder Runs = new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"u8, MinLength);

    public void Decode(ScanBuffer buffer, int field, ref int budget)
    {
        var (start, end) = (buffer[field].Start, buffer[field].End);
        for (var at = 0; budget >= 0;)
        {
            var text = buffer.Text[start..end];
            var (from, to) = Runs.Next(text, at);
            if (from < 0)
                return;
            at = WithWrappedLines(text, to);
            DecodeRun(buffer, field, start + from, start + at, ref budget);
        }
    }

    // A line end inside the run belongs to it when lines of base64 stand around it, as MIME and PEM wrap them.
    private static int WithWrappedLines(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && text[at] is (byte)'\n' or (byte)'\r')
        {
            var next = at;
            while (next < text.Length && text[next] is (byte)'\n' or (byte)'\r')
                next++;
            var end = next;
            while (end < text.Length && Runs.Contains(text[end]))
                end++;
            var isWhole = end == text.Length || text[end] is (byte)'=' or (byte)'\n' or (byte)'\r';
            if (end == next || (end - next < MinLength && !isWhole))
                break;
            at = end;
        }
        return at;
    }

    private static void DecodeRun(ScanBuffer buffer, int field, int from, int to, ref int budget)
    {
        Span<byte> probe = stackalloc byte[ProbeLength];
        var shifts = to - from >= MinShifted ? 4 : 1;
        for (var shift = 0; shift < shifts; shift++)
        {
            var head = buffer.Text[(from + shift)..Math.Min(to, from + shift + ProbeLength)];
            if (IsNoise(head))
                continue;
            var length = Read(head, probe);
            if (length <= 0 || !(Compressed.IsMarked(probe[..length]) || LooksReadable(probe[..length])))
                continue;
            if ((to - from) * 3 / 4 > budget)
            {
                budget = -1;
                return;
            }
            if (TryDecode(buffer, field, from + shift, to, ref budget) || budget < 0)
                return;
        }
    }

    // Names and paths of that length stand in most texts. What they decode to shows within a few bytes that it is no text: control characters, and bytes
    // that are part of no UTF-8 character. Marks of compression and the zeros of UTF-16 are left to a closer look.
    private static bool IsNoise(ReadOnlySpan<byte> head)
    {
        var (strays, before) = (0, (byte)' ');
        for (var i = 0; i + 4 <= head.Length; i += 4)
        {
            var (a, b, c, d) = (Values[head[i]], Values[head[i + 1]], Values[head[i + 2]], Values[head[i + 3]]);
            if ((a | b | c | d) == NoLetter)
                return false;
            var three = (a << 18) | (b << 12) | (c << 6) | d;
            if (i == 0 && Compressed.MayBegin((byte)(three >> 16)))
                return false;
            strays += Stray(before, (byte)(three >> 16)) + Stray((byte)(three >> 16), (byte)(three >> 8)) + Stray((byte)(three >> 8), (byte)three);
            before = (byte)three;
            // Of at most three bytes for four letters, four fifths would have to be readable.
            if (5 * strays > head.Length * 3 / 4)
                return true;
        }
        return false;
    }

    // 1 when a byte is no part of a readable character whatever comes before and behind: or the one before it is none, now that this one follows.
    private static int Stray(byte before, byte value) =>
        value < 0x80
            ? (before >= 0xC2 && before < 0xF5 ? 1 : 0) + (value is (> 0 and < (byte)' ' and not ((byte)'\n' or (byte)'\r' or (byte)'\t')) or 0x7F ? 1 : 0)
            : value is 0xC0 or 0xC1 or >= 0xF5 || (value < 0xC0 && before < 0x80) ? 1 : 0;

    private static byte[] ValuesOfLetters()
    {
        var values = new byte[256];
        Array.Fill(values, NoLetter);
        for (byte i = 0; i < Letters.Length; i++)
            values[Letters[i]] = i;
        (values['-'], values['_']) = (values['+'], values['/']);
        return values;
    }

    private static bool LooksReadable(Span<byte> bytes) => TextCheck.IsReadable(bytes) || Utf16.IsLikely(bytes);

    private static bool TryDecode(ScanBuffer buffer, int field, int from, int to, ref int budget)
    {
        var target = buffer.BeginField((to - from) * 3 / 4 + 4);
        var written = Read(buffer.Text[from..to], target);
        if (written <= 0)
            return false;
        var via = Decoding.Base64;
        if (Compressed.IsMarked(target[..written]))
        {
            var packed = target[..written].ToArray();
            written = Compressed.Inflate(packed, buffer, ref budget);
            if (written <= 0)
                return false; // it only began like packed data
            via = Decoding.Base64Gzip;
            target = buffer.BeginField(written);
        }
        else
        {
            written = Utf16.ToUtf8(target, written);
        }
        if (written <= 0 || !TextCheck.CleanText(target[..written]))
            return false;
        budget -= written;
        buffer.CompleteDecoded(written, field, from, to, via);
        return true;
    }

    // The bytes written, or -1. A character left over at the end encodes nothing and is dropped.
    private static int Read(ReadOnlySpan<byte> text, Span<byte> target)
    {
        var scratch = ArrayPool<byte>.Shared.Rent(text.Length + 4);
        var count = 0;
        foreach (var value in text)
            if (value is not ((byte)'\n' or (byte)'\r'))
                scratch[count++] = value switch { (byte)'-' => (byte)'+', (byte)'_' => (byte)'/', _ => value };
        if (count % 4 == 1)
            count--;
        // Bits that stand over in the last group would make a strict decoder refuse it.
        if (count % 4 != 0)
            scratch[count - 1] = Trim(scratch[count - 1], count % 4 == 2 ? 0x30 : 0x3C);
        while (count % 4 != 0)
            scratch[count++] = (byte)'=';
        var status = Base64.DecodeFromUtf8(scratch.AsSpan(0, count), target, out _, out var written);
        ArrayPool<byte>.Shared.Return(scratch);
        return status == OperationStatus.Done ? written : -1;
    }

    private static byte Trim(byte letter, int mask)
    {
        return Letters[Letters.IndexOf(letter) & mask];
    }
}
