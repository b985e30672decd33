namespace Oktsec.Scanning.Matching;

/// <summary>A set of characters as the bytes that write them.</summary>
internal sealed class Utf8Set
{
    /// <summary>The bytes that begin a character beyond ASCII.</summary>
    public static readonly ByteSet Lead = ByteSet.Of(0xC0, 0xFF);

    /// <summary>The bytes that go on with one.</summary>
    public static readonly ByteSet Continuation = ByteSet.Of(0x80, 0xBF);

    public Utf8Set(CharSet set)
    {
        CoversRest = !set.IsEmpty && set.Low(set.Count - 1) <= 0x80 && set.High(set.Count - 1) == CharSet.MaxCodePoint;
        for (var i = 0; i < set.Count && set.Low(i) <= 0x7F; i++)
            (Ascii, HasAscii) = (Ascii.With(set.Low(i), Math.Min(set.High(i), 0x7F)), true);
        var sequences = new List<ByteSet[]>();
        for (var i = 0; i < set.Count && !CoversRest; i++)
            foreach (var sequence in Utf8Ranges.Split(Math.Max(set.Low(i), 0x80), set.High(i)))
                sequences.Add(Array.ConvertAll(sequence, range => ByteSet.Of(range.Low, range.High)));
        Sequences = [.. sequences];
        // An empty set is a step that consumes no byte.
        HasAscii |= !CoversRest && Sequences.Length == 0;
    }

    public ByteSet Ascii { get; }

    /// <summary>There is a step for <see cref="Ascii"/>.</summary>
    public bool HasAscii { get; }

    /// <summary>Every character beyond ASCII is in the set; <see cref="Sequences"/> are empty then.</summary>
    public bool CoversRest { get; }

    /// <summary>Sets of bytes, one after another, that write the characters beyond ASCII.</summary>
    public ByteSet[][] Sequences { get; }

    /// <summary>How many steps an automaton takes for the set: one for each byte and one to choose between two ways, three for all beyond ASCII.</summary>
    public int Steps => Sequences.Sum(sequence => sequence.Length + 1) + (HasAscii ? 2 : 0) + (CoversRest ? 4 : 0) - 1;
}
