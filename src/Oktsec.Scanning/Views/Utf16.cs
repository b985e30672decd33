namespace Oktsec.Scanning.Views;

/// <summary>UTF-16 with ASCII letters, which PowerShell's -EncodedCommand wants: every other byte is zero.</summary>
internal static class Utf16
{
    public static bool IsLikely(ReadOnlySpan<byte> bytes)
    {
        var zeros = 0;
        for (var i = 1; i < bytes.Length; i += 2)
            zeros += bytes[i] == 0 ? 1 : 0;
        return bytes.Length >= 8 && zeros * 2 >= bytes.Length * 9 / 10 - 1;
    }

    /// <summary>Drops the zero bytes of such text in place; the new length, or the old when it is no such text.</summary>
    public static int ToUtf8(Span<byte> bytes, int length)
    {
        if (!IsLikely(bytes[..length]))
            return length;
        for (var i = 0; i < length / 2; i++)
            bytes[i] = bytes[2 * i];
        return length / 2;
    }
}
