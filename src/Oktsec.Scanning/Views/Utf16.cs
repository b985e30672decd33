namespace Oktsec.Scanning.Views;

/// <summary>UTF-16 with ASCII letters, which PowerShell's -EncodedCommand wants: every other byte is zero.</summary>
internal static class Utf16
{
    /// <summary>Drops the zero bytes of such text in place; the new length, or the old when it is no such text.</summary>
    public static int ToUtf8(Span<byte> bytes, int length)
    {
        if (length < 8 || length % 2 != 0)
            return length;
        // Little-endian, with or without its mark.
        var zeros = 0;
        for (var i = 1; i < length; i += 2)
            zeros += bytes[i] == 0 ? 1 : 0;
        if (zeros * 2 < length * 9 / 10)
            return length;
        for (var i = 0; i < length / 2; i++)
            bytes[i] = bytes[2 * i];
        return length / 2;
    }
}
