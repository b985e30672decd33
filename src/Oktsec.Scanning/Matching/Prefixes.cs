namespace Oktsec.Scanning.Matching;

/// <summary>A set of strings of up to eight bytes, each open when what follows may still extend it.</summary>
internal sealed class Prefixes(int capacity)
{
    // Eight bytes fit a word, and hold five grams to choose from.
    private const int MaxLength = 8;

    private Entry[] entries = new Entry[capacity];

    /// <summary>The empty string, open. Shared: nobody changes it.</summary>
    public static Prefixes Empty { get; } = Of(0, 0);

    public int Count { get; private set; }

    public ulong BytesAt(int index) => entries[index].Bytes;

    public int LengthAt(int index) => entries[index].Length;

    public bool AnyOpen
    {
        get
        {
            foreach (ref readonly var entry in entries.AsSpan(0, Count))
                if (entry.IsOpen)
                    return true;
            return false;
        }
    }

    public int MinLength
    {
        get
        {
            var min = MaxLength;
            foreach (ref readonly var entry in entries.AsSpan(0, Count))
                min = Math.Min(min, entry.Length);
            return min;
        }
    }

    /// <summary>One open string.</summary>
    public static Prefixes Of(ulong value, int length)
    {
        var prefixes = new Prefixes(1);
        prefixes.Add(value, length, isOpen: true);
        return prefixes;
    }

    public Prefixes Copy() => new(0) { entries = entries[..Count], Count = Count };

    public void SetTo(Prefixes other)
    {
        Count = 0;
        Add(other);
    }

    public void CloseAll()
    {
        foreach (ref var entry in entries.AsSpan(0, Count))
            entry.IsOpen = false;
    }

    /// <summary>Adds a string; the same may come twice.</summary>
    public void Add(ulong value, int length, bool isOpen)
    {
        Reserve(Count + 1);
        entries[Count++] = Entry.Of(value, length, isOpen);
    }

    public void Add(Prefixes other)
    {
        Reserve(Count + other.Count);
        other.entries.AsSpan(0, other.Count).CopyTo(entries.AsSpan(Count));
        Count += other.Count;
    }

    /// <summary>Makes of <paramref name="result"/> every open string with every one of <paramref name="next"/> behind it; false when that would be more than <paramref name="max"/>.</summary>
    public bool TryCross(Prefixes next, int max, Prefixes result)
    {
        var size = 0;
        for (var i = 0; i < Count; i++)
            size += entries[i].IsOpen ? next.Count : 1;
        if (size > max)
            return false;
        result.Reserve(size);
        var count = 0;
        foreach (ref readonly var entry in entries.AsSpan(0, Count))
        {
            if (!entry.IsOpen)
            {
                result.entries[count++] = entry;
                continue;
            }
            foreach (ref readonly var behind in next.entries.AsSpan(0, next.Count))
                result.entries[count++] = Entry.Of(entry.Bytes | behind.Bytes << (8 * entry.Length), entry.Length + behind.Length, behind.IsOpen);
        }
        result.Count = size;
        return true;
    }

    private void Reserve(int size)
    {
        if (size > entries.Length)
            Array.Resize(ref entries, Math.Max(size, 2 * entries.Length));
    }

    private struct Entry
    {
        public ulong Bytes;
        public byte Length;
        public bool IsOpen;

        public static Entry Of(ulong value, int length, bool isOpen) =>
            new() { Bytes = value, Length = (byte)Math.Min(length, MaxLength), IsOpen = isOpen && length < MaxLength };
    }
}
