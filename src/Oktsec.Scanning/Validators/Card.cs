namespace Oktsec.Scanning.Validators;

/// <summary>A payment card number: an issuer's range, its length, the check digit.</summary>
internal static class Card
{
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        Span<byte> digits = stackalloc byte[20];
        var count = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit((char)c))
                continue;
            if (count == digits.Length)
                return false;
            digits[count++] = (byte)(c - '0');
        }
        // One digit repeated is a filler that passes Luhn for some digits.
        return count is >= 13 and <= 19 && digits[1..count].ContainsAnyExcept(digits[0]) && HasIssuer(digits[..count]) && Luhn.IsValid(text);
    }

    // Issuer identification ranges and lengths as the networks publish them.
    private static bool HasIssuer(ReadOnlySpan<byte> digits)
    {
        var two = digits[0] * 10 + digits[1];
        var three = two * 10 + digits[2];
        var four = three * 10 + digits[3];
        var six = four * 100 + digits[4] * 10 + digits[5];
        return digits.Length switch
        {
            13 => digits[0] == 4,
            14 => two is 36 or 38 or 39 || three is >= 300 and <= 305,
            15 => two is 34 or 37,
            16 => digits[0] == 4 || two is >= 51 and <= 55 || four is >= 2221 and <= 2720 || four == 6011 || two == 65 || three is >= 644 and <= 649
                || four is >= 3528 and <= 3589 || six is >= 622126 and <= 622925 || two == 62 || four is 5018 or 5020 or 5038 or 6304 or 6759 or (>= 6761 and <= 6763),
            19 => digits[0] == 4 || two == 62,
            _ => two == 62,
        };
    }
}
