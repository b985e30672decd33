namespace Oktsec.Scanning.Views;

/// <summary>Finds runs of at least so many bytes of an alphabet by looking at every so-many-th byte only.</summary>
internal readonly struct RunFinder
{
    private readonly bool[] isMember = new bool[256];
    private readonly int minLength;

    public RunFinder(ReadOnlySpan<byte> alphabet, int minLength)
    {
        this.minLength = minLength;
        foreach (var value in alphabet)
            isMember[value] = true;
    }

    /// <summary>The first run that ends behind <paramref name="from"/>; both -1 when there is none.</summary>
    /// <param name="text">Where to look.</param>
    /// <param name="from">Where the last run ended, or the start.</param>
    public (int Start, int End) Next(ReadOnlySpan<byte> text, int from)
    {
        // A run that long covers one of these places; most fail at the first look, the rest within a word's length.
        for (var probe = from + minLength - 1; probe < text.Length; probe += minLength)
        {
            if (!isMember[text[probe]])
                continue;
            var start = probe;
            while (start > from && isMember[text[start - 1]])
                start--;
            var end = probe + 1;
            while (end < text.Length && isMember[text[end]])
                end++;
            if (end - start >= minLength)
                return (start, end);
            probe = end - 1;
        }
        return (-1, -1);
    }

    public bool Contains(byte value) => isMember[value];
}
