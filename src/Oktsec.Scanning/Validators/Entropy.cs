namespace Oktsec.Scanning.Validators;

/// <summary>Shannon entropy of a text's bytes.</summary>
internal static class Entropy
{
    // k log2(k) of small k.
    private static readonly double[] Known = [.. Enumerable.Range(0, 64).Select(k => k == 0 ? 0 : k * Math.Log2(k))];

    private static double Times(int k) => k < Known.Length ? Known[k] : k * Math.Log2(k);

    public static double BitsPerByte(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return 0;
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (var c in text)
            counts[c]++;
        // -sum(k/n log(k/n)) = log(n) - sum(k log(k))/n
        var sum = 0.0;
        foreach (var c in text)
        {
            sum += Times(counts[c]);
            counts[c] = 0;
        }
        return Math.Log2(text.Length) - sum / text.Length;
    }
}
