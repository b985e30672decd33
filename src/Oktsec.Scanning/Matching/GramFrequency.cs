namespace Oktsec.Scanning.Matching;

/// <summary>How often three or four bytes are to be expected in ordinary text and code, to choose the rarest for the prefilter.</summary>
/// <remarks>Counted over tool traffic, documents and source files by <c>eng/gram-frequency</c>; what is not in the list is rarer than all that is.</remarks>
internal static class GramFrequency
{
    private const string Resource = "gram-frequency.txt";

    // What is not listed stands less often than once in 2^16 bytes.
    private const double Unlisted = 1.0 / (1 << 16);

    // Letters by their share in English text, the rest by what JSON and code hold.
    private static readonly double[] Share = Shares();

    private static readonly Dictionary<uint, double> Fours = [];
    private static readonly Dictionary<uint, double> Threes = [];

    static GramFrequency()
    {
        using var reader = new StreamReader(typeof(GramFrequency).Assembly.GetManifestResourceStream(Resource)!);
        // A line is the binary logarithm of how far apart they stand, a blank, and the grams one after another.
        while (reader.ReadLine() is { } line)
        {
            var grams = line.AsSpan(line.IndexOf(' ') + 1);
            var frequency = 1.5 / (1 << int.Parse(line.AsSpan(0, line.IndexOf(' '))));
            for (; grams.Length >= 4; grams = grams[4..])
            {
                var three = (uint)grams[0] | (uint)grams[1] << 8 | (uint)grams[2] << 16;
                Fours[three | (uint)grams[3] << 24] = frequency;
                Threes[three] = Threes.GetValueOrDefault(three) + frequency;
            }
        }
    }

    /// <param name="gram">Little-endian, in lower case as the prefilter reads it.</param>
    /// <param name="length">One, three or four bytes of it.</param>
    public static double Of(ulong gram, int length)
    {
        if ((length == 4 && Fours.TryGetValue((uint)gram, out var known)) || (length == 3 && Threes.TryGetValue((uint)gram & 0xFFFFFF, out known)))
            return known;
        var share = 1.0;
        for (var i = 0; i < length; i++)
            share *= Share[(int)(gram >> (8 * i)) & 255];
        return length > 1 ? Math.Min(share, Unlisted) : share;
    }

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
