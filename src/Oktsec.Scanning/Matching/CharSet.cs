namespace Oktsec.Scanning.Matching;

/// <summary>A set of code points as sorted, disjoint ranges. Built by the parser, read by the compiler.</summary>
internal sealed class CharSet
{
    public const int MaxCodePoint = 0x10FFFF;

    private readonly List<(int Low, int High)> ranges = [];

    public IReadOnlyList<(int Low, int High)> Ranges => ranges;

    public bool IsEmpty => ranges.Count == 0;

    public static CharSet Of(params ReadOnlySpan<(int Low, int High)> parts)
    {
        var set = new CharSet();
        foreach (var (low, high) in parts)
            set.Add(low, high);
        return set;
    }

    public static CharSet Of(int codePoint) => Of((codePoint, codePoint));

    public bool Contains(int codePoint)
    {
        foreach (var (low, high) in ranges)
            if (codePoint >= low && codePoint <= high)
                return true;
        return false;
    }

    public void Add(int low, int high)
    {
        if (low > high)
            return;
        var at = 0;
        while (at < ranges.Count && ranges[at].High < low - 1)
            at++;
        while (at < ranges.Count && ranges[at].Low <= high + 1)
        {
            low = Math.Min(low, ranges[at].Low);
            high = Math.Max(high, ranges[at].High);
            ranges.RemoveAt(at);
        }
        ranges.Insert(at, (low, high));
    }

    public void Add(CharSet other)
    {
        foreach (var (low, high) in other.ranges)
            Add(low, high);
    }

    public CharSet Negate()
    {
        var set = new CharSet();
        var next = 0;
        foreach (var (low, high) in ranges)
        {
            set.Add(next, low - 1);
            next = high + 1;
        }
        set.Add(next, MaxCodePoint);
        return set;
    }

    public CharSet Without(CharSet other)
    {
        var negated = Negate();
        negated.Add(other);
        return negated.Negate();
    }

    /// <summary>The single code point of the set, or -1.</summary>
    public int Single => ranges.Count == 1 && ranges[0].Low == ranges[0].High ? ranges[0].Low : -1;
}
