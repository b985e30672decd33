using System.Text;

namespace Oktsec.Scanning.Views;

/// <summary>Tells text from what random bytes decode to.</summary>
internal static class TextCheck
{
    /// <summary>True when four fifths of the characters are readable.</summary>
    public static bool IsReadable(ReadOnlySpan<byte> bytes)
    {
        var (unreadable, total) = (0, 0);
        for (var i = 0; i < bytes.Length;)
        {
            total++;
            var value = bytes[i];
            if (value < 0x80)
            {
                unreadable += value is (>= (byte)' ' and < 0x7F) or (byte)'\n' or (byte)'\r' or (byte)'\t' ? 0 : 1;
                i++;
            }
            else
            {
                unreadable += Rune.DecodeFromUtf8(bytes[i..], out _, out var used) == System.Buffers.OperationStatus.Done ? 0 : 1;
                i += used;
            }
            // Noise is known by its beginning: even if all the rest were readable, it would not be enough.
            if (5 * unreadable > total + bytes.Length - i)
                return false;
        }
        return total >= 4;
    }

    /// <summary>The same; and bytes that are no UTF-8 become question marks, so that what follows sees text only.</summary>
    public static bool CleanText(Span<byte> bytes)
    {
        if (!IsReadable(bytes))
            return false;
        ReplaceInvalid(bytes);
        return true;
    }

    /// <summary>Bytes that are no UTF-8 become question marks: automata rely on whole characters.</summary>
    public static void ReplaceInvalid(Span<byte> bytes)
    {
        for (var i = 0; i < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes[i..], out _, out var used) != System.Buffers.OperationStatus.Done)
                bytes.Slice(i, used).Fill((byte)'?');
            i += used;
        }
    }
}
