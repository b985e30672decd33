using System.Text;

namespace Oktsec.Scanning.Views;

/// <summary>Tells text from what random bytes decode to.</summary>
internal static class TextCheck
{
    /// <summary>
    /// True when four fifths of the characters are readable. Bytes that are no UTF-8 become question marks, so that what follows sees text only.
    /// </summary>
    public static bool CleanText(Span<byte> bytes)
    {
        var readable = 0;
        var total = 0;
        for (var i = 0; i < bytes.Length;)
        {
            total++;
            var value = bytes[i];
            if (value < 0x80)
            {
                readable += value is (>= (byte)' ' and < 0x7F) or (byte)'\n' or (byte)'\r' or (byte)'\t' ? 1 : 0;
                i++;
                continue;
            }
            if (Rune.DecodeFromUtf8(bytes[i..], out _, out var used) == System.Buffers.OperationStatus.Done)
                readable++;
            else
                bytes.Slice(i, used).Fill((byte)'?');
            i += used;
            // Random bytes show themselves early: after 32 characters without a readable half there is no text to come to.
            if (total == 32 && readable < 16)
                return false;
        }
        return total >= 4 && readable * 5 >= total * 4;
    }
}
