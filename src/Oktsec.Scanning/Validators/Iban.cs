namespace Oktsec.Scanning.Validators;

/// <summary>International bank account numbers: ISO 13616, the remainder modulo 97 is one.</summary>
internal static class Iban
{
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        Span<byte> clean = stackalloc byte[34];
        var length = 0;
        foreach (var c in text)
        {
            if (c == ' ')
                continue;
            if (length == clean.Length || !char.IsAsciiLetterOrDigit((char)c))
                return false;
            clean[length++] = (byte)char.ToUpperInvariant((char)c);
        }
        if (length < 15)
            return false;
        var remainder = 0;
        for (var i = 0; i < length; i++)
        {
            var c = clean[(i + 4) % length];
            remainder = c <= '9' ? (remainder * 10 + c - '0') % 97 : (remainder * 100 + c - 'A' + 10) % 97;
        }
        return remainder == 1;
    }
}
