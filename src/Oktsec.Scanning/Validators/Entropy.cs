namespace Oktsec.Scanning.Validators;

/// <summary>Shannon entropy of a text's bytes.</summary>
internal static class Entropy
{
    public static double BitsPerByte(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return 0;
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (var c in text)
            counts[c]++;
        var bits = 0.0;
        foreach (var count in counts)
        {
            if (count == 0)
                continue;
            var share = (double)count / text.Length;
            bits -= share * Math.Log2(share);
        }
        return bits;
    }
}
