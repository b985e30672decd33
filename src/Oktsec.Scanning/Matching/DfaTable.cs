namespace Oktsec.Scanning.Matching;

/// <summary>
/// The states of an automaton as rows of one array: where a byte of each class leads, so that a step through a known state reads one number. Text of many
/// rules meets automata that are cold in the caches, and what they cost is how many places of memory they touch.
/// </summary>
/// <remarks>
/// Shared by all threads. Entries are written under the automaton's lock and read without: an entry is one number, zero where nothing is known yet, and
/// refers to rows of its own array only, which is replaced when it grows.
/// </remarks>
internal sealed class DfaTable(int classCount)
{
    /// <summary>A match ended before the byte that led here.</summary>
    public const int Match = 1;

    /// <summary>Nothing can match from here on.</summary>
    public const int Dead = 2;

    /// <summary>Where a run begins.</summary>
    public const int Start = 4;

    /// <summary>What an entry is shifted by to get its row.</summary>
    public const int RowShift = 3;

    private const int FirstRows = 4;

    private readonly Dictionary<DfaState, int> entries = [];
    private readonly List<DfaState> states = [];

    /// <summary>Entries by row and class. Row 0 would make an entry zero: the first begins at 1.</summary>
    public int[] Next { get; private set; } = new int[1 + FirstRows * classCount];

    /// <summary>Entries of the states that runs begin in, by the kind of the byte before.</summary>
    public readonly int[] Starts = new int[4];

    public int Count => states.Count;

    public DfaState StateOf(int row) => states[(row - 1) / classCount];

    /// <summary>The entry of a state, known or new.</summary>
    public int EntryOf(DfaState state)
    {
        if (entries.TryGetValue(state, out var entry))
            return entry;
        var row = 1 + states.Count * classCount;
        if (row + classCount > Next.Length)
        {
            var grown = new int[1 + 2 * states.Count * classCount];
            Next.CopyTo(grown, 0);
            Next = grown;
        }
        states.Add(state);
        entry = row << RowShift | (state.IsMatch ? Match : 0) | (state.IsDead ? Dead : 0);
        entries.Add(state, entry);
        return entry;
    }

    public void SetStart(byte kind, DfaState state)
    {
        var entry = EntryOf(state) | Start;
        entries[state] = Starts[kind] = entry;
    }
}
