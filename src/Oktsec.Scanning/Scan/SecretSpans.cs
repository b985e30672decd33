namespace Oktsec.Scanning.Scan;

/// <summary>Where in the input secrets stand, and in which field each was found.</summary>
internal sealed class SecretSpans
{
    private readonly List<(int Start, int End, int Field)> spans;

    // Up to each span, in the order of their starts: the furthest end, and the furthest of any other field than that one's.
    private readonly (int End, int Field, int OtherEnd)[] furthest;

    public SecretSpans(List<(int Start, int End, int Field)> spans)
    {
        this.spans = spans;
        spans.Sort();
        furthest = new (int, int, int)[spans.Count];
        var (end, field, other) = (-1, -1, -1);
        for (var i = 0; i < spans.Count; i++)
        {
            if (spans[i].Field == field)
                end = Math.Max(end, spans[i].End);
            else if (spans[i].End > end)
                (end, field, other) = (spans[i].End, spans[i].Field, end);
            else
                other = Math.Max(other, spans[i].End);
            furthest[i] = (end, field, other);
        }
    }

    /// <summary>Whether a secret of another field stands in [start, end) of the input.</summary>
    public bool Overlap(int start, int end, int field)
    {
        // The spans that begin before the end; the one of them that ends last decides.
        var (low, high) = (0, spans.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (spans[middle].Start < end)
                low = middle + 1;
            else
                high = middle;
        }
        return low > 0 && (furthest[low - 1].Field != field ? furthest[low - 1].End : furthest[low - 1].OtherEnd) > start;
    }
}
