namespace Oktsec.Scanning.Matching;

/// <summary>How often four bytes are to be expected in ordinary text and code: an estimate that only has to rank grams.</summary>
internal static class GramFrequency
{
    // Letters by their share in English text, per mille; the rest from what JSON and code hold.
    private static readonly double[] Share = Shares();

    // Grams so common that the product of their letters' shares misleads.
    private static readonly HashSet<string> Common =
    [
        "the ", " the", "tion", "ing ", " and", "and ", "that", "this", "with", "from", "have", "your", "for ", " for", "ent ", "ment", "ions", "ation", "ion ", "http", "ttps", "www.",
        "name", "type", "data", "file", "user", "code", "json", "node", "null", "true", "false", "stri", "trin", "ring", "inte", "cont", "cons", "func", "retu", "retur", "turn", "self", "impo",
        "port", "comm", "able", "text", "list", "time", "valu", "alue", "read", "able", "pro", "prov", "requ", "quest", "resp", "mess", "syst", "stem", "will", "would", "what", "when", "able",
        "all ", " all", "you ", " you", "not ", "are ", "can ", "the\n", "    ", "----", "====", "////", "****", "    ", "____", "....", "0000",
    ];

    public static double Of(ReadOnlySpan<byte> gram)
    {
        var share = 1.0;
        foreach (var value in gram)
            share *= Share[value];
        Span<char> text = stackalloc char[gram.Length];
        for (var i = 0; i < gram.Length; i++)
            text[i] = (char)gram[i];
        // A common gram stands in about one of 500 positions.
        return Common.Contains(text.ToString()) ? Math.Max(share, 0.002) : share;
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
