using System.Runtime.InteropServices;

namespace Oktsec.Scanning.Matching;

/// <summary>
/// The states of an automaton as one array of numbers: which of the bytes are alike, where runs begin, and a row of entries for each state. Text of many
/// rules meets automata that are cold in the caches, and what they cost is how many places of memory they touch.
/// </summary>
/// <remarks>
/// Shared by all threads. Entries are written under the automaton's lock and read without: an entry is one number, zero where nothing is known yet, and
/// refers to rows of its own array only, which is replaced when it grows.
/// </remarks>
internal sealed class DfaTable
{
    /// <summary>A match ended before the byte that led here.</summary>
    public const int Match = 1;

    /// <summary>Nothing can match from here on.</summary>
    public const int Dead = 2;

    /// <summary>Where a run begins.</summary>
    public const int Start = 4;

    /// <summary>The bits of an entry that are its row. Rows begin at multiples of eight numbers, so that the other bits have room.</summary>
    public const int Row = 0xFFF8;

    /// <summary>Where the entries of the states stand that runs begin in, by the kind of the byte before. In front of them are the classes of the 256 bytes.</summary>
    public const int Starts = 256 / sizeof(ushort);

    private const int FirstRow = Starts + 8;
    private const int FirstRows = 4;

    // A state takes about 0.3 KB with its set, so one automaton keeps at most 0.6 MB. Patterns of the pack need 20 to 300 states on real text.
    private const int MaxStates = 2000;

    private readonly Dictionary<DfaState, ushort> entries = [];
    private readonly List<DfaState> states = [];
    private readonly int rowLength;

    /// <param name="classOf">The class of each byte.</param>
    /// <param name="classCount">Number of classes.</param>
    public DfaTable(byte[] classOf, int classCount)
    {
        rowLength = (classCount + 7) & ~7;
        Numbers = new ushort[FirstRow + FirstRows * rowLength];
        classOf.CopyTo(MemoryMarshal.AsBytes(Numbers.AsSpan()));
    }

    /// <summary>Classes, starts, and entries by row and class.</summary>
    public ushort[] Numbers { get; private set; }

    /// <summary>No more states fit, or are wanted.</summary>
    public bool IsFull => states.Count >= Math.Min(MaxStates, (Row + 8 - FirstRow) / rowLength);

    public DfaState StateOf(int row) => states[(row - FirstRow) / rowLength];

    /// <summary>The entry of a state, known or new.</summary>
    public ushort EntryOf(DfaState state)
    {
        if (entries.TryGetValue(state, out var entry))
            return entry;
        var row = FirstRow + states.Count * rowLength;
        if (row + rowLength > Numbers.Length)
        {
            var grown = new ushort[FirstRow + 2 * states.Count * rowLength];
            Numbers.CopyTo(grown, 0);
            Numbers = grown;
        }
        states.Add(state);
        entry = (ushort)(row | (state.IsMatch ? Match : 0) | (state.IsDead ? Dead : 0));
        entries.Add(state, entry);
        return entry;
    }

    public void SetStart(byte kind, DfaState state)
    {
        var entry = (ushort)(EntryOf(state) | Start);
        entries[state] = entry;
        Numbers[Starts + kind] = entry;
    }
}
