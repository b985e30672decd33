namespace Oktsec.Scanning.Matching;

/// <summary>How often three or four bytes are to be expected in ordinary text and code, to choose the rarest for the prefilter.</summary>
/// <remarks>Counted over tool traffic, documents and source files by <c>eng/gram-frequency</c>; what is not in the list is rarer than all that is.</remarks>
internal static class GramFrequency
{
    private const string Resource = "gram-frequency.txt";

    // What is not listed stands less often than once in 2^16 bytes.
    private const double Unlisted = 1.0 / (1 << 16);

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
    /// <param name="length">Three or four bytes of it, or fewer.</param>
    public static double Of(ulong gram, int length)
    {
        if ((length == 4 && Fours.TryGetValue((uint)gram, out var known)) || (length == 3 && Threes.TryGetValue((uint)gram & 0xFFFFFF, out known)))
            return known;
        var share = 1.0;
        for (var i = 0; i < length; i++)
            share *= ByteFrequency.Of((byte)(gram >> (8 * i)));
        return length > 1 ? Math.Min(share, Unlisted) : share;
    }
}
