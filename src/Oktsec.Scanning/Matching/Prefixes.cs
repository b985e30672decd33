namespace Oktsec.Scanning.Matching;

/// <summary>A set of strings of up to eight bytes, each open when what follows may still extend it.</summary>
internal sealed class Prefixes
{
    // Eight bytes fit a word, and hold five grams to choose from.
    private const int MaxLength = 8;

    private ulong[] bytes;
    private byte[] lengths;
    private bool[] open;

    public Prefixes(int capacity = 4)
    {
        bytes = new ulong[capacity];
        lengths = new byte[capacity];
        open = new bool[capacity];
    }

    public int Count { get; private set; }

    public static Prefixes Empty()
    {
        var prefixes = new Prefixes(1);
        prefixes.Add(0, 0, isOpen: true);
        return prefixes;
    }

    public ulong BytesAt(int index) => bytes[index];

    public int LengthAt(int index) => lengths[index];

    public bool AnyOpen => Array.IndexOf(open, true, 0, Count) >= 0;

    public int MinLength
    {
        get
        {
            var min = MaxLength;
            for (var i = 0; i < Count; i++)
                min = Math.Min(min, lengths[i]);
            return min;
        }
    }

    public void CloseAll() => Array.Clear(open);

    /// <summary>Adds a string; the same may come twice.</summary>
    public void Add(ulong value, int length, bool isOpen)
    {
        if (length >= MaxLength)
            (length, isOpen) = (MaxLength, false);
        if (Count == bytes.Length)
        {
            Array.Resize(ref bytes, 2 * Count + 8);
            Array.Resize(ref lengths, 2 * Count + 8);
            Array.Resize(ref open, 2 * Count + 8);
        }
        (bytes[Count], lengths[Count], open[Count]) = (value, (byte)length, isOpen);
        Count++;
    }

    public void Add(Prefixes other)
    {
        for (var i = 0; i < other.Count; i++)
            Add(other.bytes[i], other.lengths[i], other.open[i]);
    }

    /// <summary>Every open string with every one of <paramref name="next"/> behind it; null when that makes more than <paramref name="max"/>.</summary>
    public Prefixes? Cross(Prefixes next, int max)
    {
        var size = 0;
        for (var i = 0; i < Count; i++)
            size += open[i] ? next.Count : 1;
        if (size > max)
            return null;
        var result = new Prefixes(size);
        for (var i = 0; i < Count; i++)
        {
            if (!open[i])
            {
                result.Add(bytes[i], lengths[i], isOpen: false);
                continue;
            }
            for (var n = 0; n < next.Count; n++)
            {
                var length = lengths[i] + next.lengths[n];
                result.Add(bytes[i] | next.bytes[n] << (8 * lengths[i]), length, next.open[n]);
            }
        }
        return result;
    }
}
