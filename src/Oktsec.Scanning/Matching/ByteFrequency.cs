namespace Oktsec.Scanning.Matching;

/// <summary>How often a byte is to be expected in ordinary text and code.</summary>
internal static class ByteFrequency
{
    // Letters by their share in English text, the rest by what JSON and code hold.
    private static readonly double[] Share = Shares();

    /// <param name="value">In lower case, as the prefilter reads text.</param>
    public static double Of(byte value) => Share[value];

    private static double[] Shares()
    {
        var shares = new double[256];
        Array.Fill(shares, 0.002);
        // Relative letter frequencies of English (any textbook of cryptanalysis), a to z, per mille.
        ReadOnlySpan<byte> letters = [82, 15, 28, 43, 127, 22, 20, 61, 70, 2, 8, 40, 24, 67, 75, 19, 1, 60, 63, 91, 28, 10, 24, 2, 20, 1];
        for (var i = 0; i < 26; i++)
            shares['a' + i] = letters[i] / 1000.0;
        shares[' '] = 0.16;
        for (var digit = '0'; digit <= '9'; digit++)
            shares[digit] = 0.015;
        foreach (var mark in "\"',.-/:=()")
            shares[mark | 0x20] = 0.015;
        return shares;
    }
}
