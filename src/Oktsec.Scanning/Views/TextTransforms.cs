using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>Letter-for-letter transformations of the text around a gate word.</summary>
internal static class TextTransforms
{
    // The order around a disguised word; a text with more of them has more gates.
    private const int Surroundings = 2048;

    /// <summary>Adds the transformed text; where it ends in the buffer, so that gates before it need not be looked at again.</summary>
    public static int Apply(ScanBuffer buffer, int field, int at, Decoding via, ref int budget)
    {
        var from = Math.Max(buffer[field].Start, at - Surroundings);
        var to = Math.Min(buffer[field].End, at + Surroundings);
        var source = buffer.Text;
        while (from < to && (source[from] & 0xC0) == 0x80)
            from++;
        while (to > from && to < buffer[field].End && (source[to] & 0xC0) == 0x80)
            to--;
        if (to - from > budget)
        {
            budget = -1;
            return to;
        }
        var target = buffer.BeginField(to - from);
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = via switch
            {
                Decoding.Rot13 => WordGates.Rot13(source[from + i]),
                Decoding.Leet => WordGates.Unleet(source[from + i]),
                _ => source[to - 1 - i],
            };
        }
        if (TextCheck.CleanText(target))
        {
            budget -= target.Length;
            buffer.CompleteDecoded(target.Length, field, from, to, via);
        }
        return to;
    }
}
