namespace Oktsec.Scanning.Validators;

/// <summary>US social security numbers that can have been issued: https://www.ssa.gov/employer/randomization.html</summary>
internal static class SocialSecurityNumber
{
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        Span<int> digits = stackalloc int[9];
        if (!CheckDigits.TryRead(text, digits))
            return false;
        var area = 100 * digits[0] + 10 * digits[1] + digits[2];
        var group = 10 * digits[3] + digits[4];
        var serial = 1000 * digits[5] + 100 * digits[6] + 10 * digits[7] + digits[8];
        // The two of advertisements and leaflets that everybody copied.
        if ((area, group, serial) is (78, 5, 1120) or (219, 9, 9999) or (123, 45, 6789))
            return false;
        return area is not (0 or 666 or >= 900) && group != 0 && serial != 0;
    }
}
