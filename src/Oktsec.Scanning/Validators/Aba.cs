namespace Oktsec.Scanning.Validators;

/// <summary>US bank routing numbers: nine digits, weights 3, 7, 1, a Federal Reserve district in front.</summary>
internal static class Aba
{
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        if (text.Length != 9 || text.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        var district = (text[0] - '0') * 10 + text[1] - '0';
        if (district is 0 or (> 12 and < 21) or (> 32 and < 61) or > 72)
            return false;
        var sum = 0;
        ReadOnlySpan<int> weights = [3, 7, 1];
        for (var i = 0; i < 9; i++)
            sum += weights[i % 3] * (text[i] - '0');
        return sum % 10 == 0;
    }
}
