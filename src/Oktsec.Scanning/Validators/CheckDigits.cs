namespace Oktsec.Scanning.Validators;

/// <summary>Check digits of national numbers. Dots, dashes, slashes and blanks between the digits do not count.</summary>
internal static class CheckDigits
{
    // The dihedral group's multiplication and the position permutation of J. Verhoeff, 1969.
    private const string Product = "0123456789123406789523401789563401289567401239567859876043216598710432765982104387659321049876543210";
    private const string Permutation = "01234567891576283094580379614289160435279453126870428657390127938064157046913258";

    /// <summary>Brazil: two digits, weights falling to 2, modulo 11.</summary>
    public static bool IsCpf(ReadOnlySpan<byte> text)
    {
        Span<int> digits = stackalloc int[11];
        if (!TryRead(text, digits) || !digits.ContainsAnyExcept(digits[0]))
            return false;
        return CpfDigit(digits[..9]) == digits[9] && CpfDigit(digits[..10]) == digits[10];
    }

    private static int CpfDigit(ReadOnlySpan<int> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
            sum += digits[i] * (digits.Length + 1 - i);
        return sum * 10 % 11 % 10;
    }

    /// <summary>India's Aadhaar, twelve digits that begin with none of 0 and 1.</summary>
    public static bool IsVerhoeff(ReadOnlySpan<byte> text)
    {
        Span<int> digits = stackalloc int[12];
        if (!TryRead(text, digits) || digits[0] < 2)
            return false;
        var check = 0;
        for (var i = 0; i < digits.Length; i++)
            check = Product[10 * check + (Permutation[10 * (i % 8) + digits[^(i + 1)]] - '0')] - '0';
        return check == 0;
    }

    /// <summary>Spain: the letter is the remainder modulo 23; X, Y, Z of foreigners' numbers count as 0, 1, 2.</summary>
    public static bool IsDni(ReadOnlySpan<byte> text)
    {
        if (text.Length < 9)
            return false;
        var number = 0;
        for (var i = 0; i < text.Length - 1; i++)
        {
            var c = text[i] & 0xDF;
            if (i == 0 && c is 'X' or 'Y' or 'Z')
                number = c - 'X';
            else if (char.IsAsciiDigit((char)text[i]))
                number = (10 * number + text[i] - '0') % (23 * 1_000_000);
        }
        return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == (text[^1] & 0xDF);
    }

    /// <summary>France: thirteen digits and 97 minus their remainder.</summary>
    public static bool IsNir(ReadOnlySpan<byte> text)
    {
        Span<int> digits = stackalloc int[15];
        if (!TryRead(text, digits))
            return false;
        var number = 0L;
        foreach (var digit in digits[..13])
            number = 10 * number + digit;
        return 97 - number % 97 == 10 * digits[13] + digits[14];
    }

    /// <summary>Poland: weights 1, 3, 7, 9; months carry the century.</summary>
    public static bool IsPesel(ReadOnlySpan<byte> text)
    {
        Span<int> digits = stackalloc int[11];
        if (!TryRead(text, digits) || (10 * digits[2] + digits[3]) % 20 is < 1 or > 12 || 10 * digits[4] + digits[5] is < 1 or > 31)
            return false;
        ReadOnlySpan<int> weights = [1, 3, 7, 9];
        var sum = 0;
        for (var i = 0; i < 10; i++)
            sum += weights[i % 4] * digits[i];
        return (10 - sum % 10) % 10 == digits[10];
    }

    /// <summary>The Netherlands: weights 9 to 2 and -1, modulo 11.</summary>
    public static bool IsBsn(ReadOnlySpan<byte> text)
    {
        Span<int> digits = stackalloc int[9];
        if (!TryRead(text, digits) || !digits.ContainsAnyExcept(digits[0]))
            return false;
        var sum = -digits[8];
        for (var i = 0; i < 8; i++)
            sum += (9 - i) * digits[i];
        return sum > 0 && sum % 11 == 0;
    }

    /// <summary>Germany's tax id: ISO 7064, MOD 11,10.</summary>
    public static bool IsSteuerId(ReadOnlySpan<byte> text)
    {
        Span<int> digits = stackalloc int[11];
        if (!TryRead(text, digits) || digits[0] == 0)
            return false;
        var product = 10;
        foreach (var digit in digits[..10])
        {
            var sum = (digit + product) % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }
        return (11 - product) % 10 == digits[10];
    }

    /// <summary>Exactly so many digits, and nothing that is neither digit nor separator.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, Span<int> digits)
    {
        var count = 0;
        foreach (var c in text)
        {
            if (c is (byte)' ' or (byte)'-' or (byte)'.' or (byte)'/')
                continue;
            if (!char.IsAsciiDigit((char)c) || count == digits.Length)
                return false;
            digits[count++] = c - '0';
        }
        return count == digits.Length;
    }
}
