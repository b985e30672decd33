using System.Buffers;
using System.Buffers.Text;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>Decodes runs of base64: standard or URL-safe, padded or not, wrapped lines included.</summary>
internal sealed class Base64Decoder : IDecoder
{
    // 16 characters are 12 bytes: shorter text holds no instruction, and words of that length are common.
    private const int MinLength = 16;

    private static readonly SearchValues<byte> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"u8);

    public void Decode(ScanBuffer buffer, int field, ref int budget)
    {
        var (start, end) = (buffer[field].Start, buffer[field].End);
        // Every run of 16 covers one of these places, so nothing else is looked at.
        for (var probe = start + MinLength - 1; probe < end; probe += MinLength)
        {
            if (!Alphabet.Contains(buffer.Text[probe]))
                continue;
            var text = buffer.Text[start..end];
            var from = text[..(probe - start)].LastIndexOfAnyExcept(Alphabet) + 1;
            var to = RunEnd(text, probe - start);
            if (to - from >= MinLength && !TryDecode(buffer, field, start + from, start + to, ref budget))
                return;
            probe = Math.Max(probe, start + to);
        }
    }

    // A line end inside the run belongs to it when lines of base64 stand around it, as MIME and PEM wrap them.
    private static int RunEnd(ReadOnlySpan<byte> text, int at)
    {
        for (; ; )
        {
            var length = text[at..].IndexOfAnyExcept(Alphabet);
            at = length < 0 ? text.Length : at + length;
            if (length < 0 || text[at] is not ((byte)'\n' or (byte)'\r'))
                return at;
            var next = at;
            while (next < text.Length && text[next] is (byte)'\n' or (byte)'\r')
                next++;
            var line = next < text.Length ? text[next..].IndexOfAnyExcept(Alphabet) : 0;
            if (line is >= 0 and < MinLength && next + line < text.Length && text[next + line] is not ((byte)'=' or (byte)'\n' or (byte)'\r'))
                return at;
            if (next >= text.Length || line == 0)
                return at;
            at = next;
        }
    }

    private static bool TryDecode(ScanBuffer buffer, int field, int from, int to, ref int budget)
    {
        var length = to - from;
        if (length * 3 / 4 > budget)
        {
            budget = -1;
            return false;
        }
        var scratch = ArrayPool<byte>.Shared.Rent(length + 4);
        var count = 0;
        foreach (var value in buffer.Text[from..to])
            if (value is not ((byte)'\n' or (byte)'\r'))
                scratch[count++] = value switch { (byte)'-' => (byte)'+', (byte)'_' => (byte)'/', _ => value };
        // A single character left over encodes nothing: the run is cut there.
        if (count % 4 == 1)
            count--;
        while (count % 4 != 0)
            scratch[count++] = (byte)'=';
        var target = buffer.BeginField(count / 4 * 3);
        var status = Base64.DecodeFromUtf8(scratch.AsSpan(0, count), target, out _, out var written);
        ArrayPool<byte>.Shared.Return(scratch);
        if (status == OperationStatus.Done)
            written = Utf16.ToUtf8(target, written);
        if (status != OperationStatus.Done || !TextCheck.CleanText(target[..written]))
            return true;
        budget -= written;
        buffer.CompleteDecoded(written, field, from, to, Decoding.Base64);
        return true;
    }
}
