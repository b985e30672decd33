using System.Text;

namespace Oktsec.Scanning.Validators;

/// <summary>Tokens that end in the CRC-32 of their random part, six base-62 digits: GitHub's and npm's since 2021.</summary>
/// <remarks>https://github.blog/engineering/behind-githubs-new-authentication-token-formats/</remarks>
internal static class Base62Checksum
{
    private const int ChecksumLength = 6;

    /// <summary>The token from its prefix on: <c>ghp_...</c>, <c>npm_...</c>.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        var prefix = text.IndexOf((byte)'_') + 1;
        if (prefix == 0 || text.Length - prefix <= ChecksumLength)
            return false;
        var random = text[prefix..^ChecksumLength];
        var value = Crc32(random);
        for (var i = text.Length - 1; i >= text.Length - ChecksumLength; i--)
        {
            if (text[i] != Digit(value % 62))
                return false;
            value /= 62;
        }
        return true;
    }

    private static byte Digit(uint value) => (byte)(value < 10 ? '0' + value : value < 36 ? 'A' + value - 10 : 'a' + value - 36);

    private static uint Crc32(ReadOnlySpan<byte> text)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var c in text)
        {
            crc ^= c;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320u & (uint)-(int)(crc & 1));
        }
        return ~crc;
    }
}
