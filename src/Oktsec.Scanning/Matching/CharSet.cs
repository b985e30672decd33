namespace Oktsec.Scanning.Matching;

/// <summary>A set of code points as sorted, disjoint ranges. Built by the parser, read by the compiler.</summary>
/// <remarks>Plain arrays: lists of pairs would be compiled at start, which costs more than all the parsing.</remarks>
internal sealed class CharSet
{
    public const int MaxCodePoint = 0x10FFFF;

    // Lows and highs in turn.
    private int[] bounds = new int[4];
    private Utf8Set? utf8;

    /// <summary>Number of ranges.</summary>
    public int Count { get; private set; }

    public bool IsEmpty => Count == 0;

    public int Low(int range) => bounds[2 * range];

    public int High(int range) => bounds[2 * range + 1];

    /// <summary>The single code point of the set, or -1.</summary>
    public int Single => Count == 1 && bounds[0] == bounds[1] ? bounds[0] : -1;

    /// <summary>Number of code points.</summary>
    public int Size
    {
        get
        {
            var size = 0;
            for (var i = 0; i < Count; i++)
                size += High(i) - Low(i) + 1;
            return size;
        }
    }

    /// <summary>The bytes that write it: found once, because a set that repeats is compiled as often as it does.</summary>
    public Utf8Set Utf8 => utf8 ??= new Utf8Set(this);

    public static CharSet Of(int low, int high) => new CharSet().With(low, high);

    public static CharSet Of(int codePoint) => Of(codePoint, codePoint);

    /// <summary>Adds a range and returns the set, for building tables.</summary>
    public CharSet With(int low, int high)
    {
        Add(low, high);
        return this;
    }

    public CharSet Copy()
    {
        var copy = new CharSet { Count = Count, bounds = new int[bounds.Length] };
        bounds.CopyTo(copy.bounds, 0);
        return copy;
    }

    public bool Contains(int codePoint)
    {
        for (var i = 0; i < Count; i++)
            if (codePoint >= Low(i) && codePoint <= High(i))
                return true;
        return false;
    }

    public void Add(int low, int high)
    {
        if (low > high)
            return;
        utf8 = null;
        var first = 0;
        while (first < Count && High(first) < low - 1)
            first++;
        var last = first;
        while (last < Count && Low(last) <= high + 1)
        {
            low = Math.Min(low, Low(last));
            high = Math.Max(high, High(last));
            last++;
        }
        // Ranges [first, last) become one.
        var count = Count - (last - first) + 1;
        if (2 * count > bounds.Length)
            Array.Resize(ref bounds, 4 * count);
        Array.Copy(bounds, 2 * last, bounds, 2 * first + 2, 2 * (Count - last));
        (bounds[2 * first], bounds[2 * first + 1], Count) = (low, high, count);
    }

    public void Add(CharSet other)
    {
        for (var i = 0; i < other.Count; i++)
            Add(other.Low(i), other.High(i));
    }

    public CharSet Negate()
    {
        var set = new CharSet();
        var next = 0;
        for (var i = 0; i < Count; i++)
        {
            set.Add(next, Low(i) - 1);
            next = High(i) + 1;
        }
        set.Add(next, MaxCodePoint);
        return set;
    }

    public void Remove(int codePoint)
    {
        if (!Contains(codePoint))
            return;
        var negated = Negate();
        negated.Add(codePoint, codePoint);
        var rest = negated.Negate();
        (bounds, Count, utf8) = (rest.bounds, rest.Count, null);
    }
}
