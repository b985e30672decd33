namespace Oktsec.Scanning.Validators;

/// <summary>The check digit of card and IMEI numbers (ISO/IEC 7812-1, annex B).</summary>
internal static class Luhn
{
    /// <summary>Blanks and dashes between the digits do not count.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        var sum = 0;
        var isDoubled = false;
        for (var i = text.Length - 1; i >= 0; i--)
        {
            if (!char.IsAsciiDigit((char)text[i]))
                continue;
            var digit = text[i] - '0';
            if (isDoubled)
                digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
            sum += digit;
            isDoubled = !isDoubled;
        }
        return sum > 0 && sum % 10 == 0;
    }
}
