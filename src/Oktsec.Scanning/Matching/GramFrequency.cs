namespace Oktsec.Scanning.Matching;

/// <summary>How often four bytes are to be expected in ordinary text and code: an estimate that only has to rank grams.</summary>
internal static class GramFrequency
{
    // Letters by their share in English text, the rest by what JSON and code hold.
    private static readonly double[] Share = Shares();

    // Grams so common that the product of their letters' shares misleads.
    private static readonly HashSet<uint> Common = Pack(
        "the | the|tion|ing | and|and |that|this|with|from|have|your|for | for|ent |ment|ions|ion |http|ttps|www.|name|type|data|file|user|code|json|node|null|true|alse|fals|stri|trin|ring|inte|cont|cons|" +
        "func|retu|turn|self|impo|port|comm|able|text|list|time|valu|alue|read|prov|requ|ques|resp|mess|syst|stem|yste|will|ould|what|when|all | all|you | you|not |are |can |----|====|////|****|____|....|0000|" +
        "must|need|shou|houl|note|tell|orma|form|erro|rror|para|aram|meth|etho|clas|lass|publ|ubli|privat|stat|tati|over|here|ther|ever|ress|tter|ight|ated|ence|ance|ight|some|more|into|only|othe|each|such|them");

    /// <param name="gram">Little-endian.</param>
    /// <param name="length">Three or four bytes of it.</param>
    public static double Of(ulong gram, int length)
    {
        var share = 1.0;
        for (var i = 0; i < length; i++)
            share *= Share[(int)(gram >> (8 * i)) & 255];
        // A common gram stands in about one of 500 positions.
        return length == 4 && Common.Contains((uint)gram) ? Math.Max(share, 0.002) : share;
    }

    private static HashSet<uint> Pack(string words)
    {
        var grams = new HashSet<uint>();
        foreach (var word in words.Split('|'))
            if (word.Length >= 4)
                grams.Add((uint)word[0] | (uint)word[1] << 8 | (uint)word[2] << 16 | (uint)word[3] << 24);
        return grams;
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
