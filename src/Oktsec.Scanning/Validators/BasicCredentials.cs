using System.Buffers;
using System.Buffers.Text;

namespace Oktsec.Scanning.Validators;

/// <summary>Base64 of <c>user:password</c>, as HTTP's Basic scheme and registries' <c>auth</c> carry it (RFC 7617).</summary>
internal static class BasicCredentials
{
    // Longest seen in practice are tokens as passwords, a few hundred characters.
    private const int MaxLength = 2048;

    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        text = text.TrimEnd((byte)'=');
        if (text.Length is < 8 or > MaxLength)
            return false;
        Span<byte> padded = stackalloc byte[text.Length + 3];
        text.CopyTo(padded);
        var length = text.Length;
        while (length % 4 != 0)
            padded[length++] = (byte)'=';
        Span<byte> plain = stackalloc byte[MaxLength];
        if (Base64.DecodeFromUtf8(padded[..length], plain, out _, out var written) != OperationStatus.Done)
            return false;
        plain = plain[..written];
        var colon = plain.IndexOf((byte)':');
        // Control characters: something else was encoded.
        if (colon < 0 || plain.ContainsAnyInRange((byte)0, (byte)31))
            return false;
        return !Placeholder.IsStandIn(plain[(colon + 1)..]);
    }
}
