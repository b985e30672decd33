using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Oktsec.Scanning.Matching;

/// <summary>
/// A DFA whose states are built when text first reaches them. Time per byte is constant once they exist; building one costs steps of the
/// scan's budget, so text made to reach ever new states ends the budget instead of the CPU.
/// </summary>
internal sealed class LazyDfa
{
    // What a pattern may build for all scans; those of the pack need 20 to 300 states on real text.
    private const int FreeStates = 2000;

    // What one scan may build of its own without paying, some 9 ms: a pattern that has seen many texts builds states for an ordinary one, too, and
    // whether that is read to its end must not depend on what was scanned before.
    private const int FreePerScan = 1000;

    // Bytes skipped per step.
    private const int StepsSkipped = 4;

    // Building is seldom; its lists are the thread's.
    [ThreadStatic]
    private static ClosureScratch? scratch;

    [ThreadStatic]
    private static int builtInScan;

    private readonly Nfa nfa;
    private readonly bool isAnchored;
    private readonly bool isShortest;
    private readonly Lock building = new();
    private DfaTable current;
    private StartBytes? skips;
    private int built;

    /// <param name="nfa">The pattern.</param>
    /// <param name="isAnchored">A match begins where the run begins; otherwise anywhere after.</param>
    /// <param name="isShortest">Stop at the first end instead of the last.</param>
    public LazyDfa(Nfa nfa, bool isAnchored, bool isShortest)
    {
        this.nfa = nfa;
        this.isAnchored = isAnchored;
        this.isShortest = isShortest;
        current = NewTable();
    }

    /// <summary>A scan begins on this thread.</summary>
    public static void BeginScan() => builtInScan = 0;

    /// <summary>Runs forward from <paramref name="from"/>; the end of the match, or -1. The text ends with a field end.</summary>
    public int Forward(ReadOnlySpan<byte> text, int from, ref long steps)
    {
        var run = new Run(this, DfaState.KindOf(text[from - 1]));
        var end = -1;
        var i = from;
        // A pattern may take field ends for text, the last one too.
        for (; i < text.Length; i++)
        {
            var entry = run.Step(text[i], ref steps);
            if ((entry & (DfaTable.Match | DfaTable.Dead)) == 0)
                continue;
            if ((entry & DfaTable.Match) != 0)
            {
                end = i;
                if (isShortest)
                    break;
            }
            if ((entry & DfaTable.Dead) != 0)
                break;
        }
        steps -= i - from + 1;
        return end;
    }

    /// <summary>Runs backward over the bytes before <paramref name="from"/>; the start of the match, or -1. A field end precedes the text.</summary>
    public int Backward(ReadOnlySpan<byte> text, int from, ref long steps)
    {
        var run = new Run(this, DfaState.KindOf(text[from]));
        var start = -1;
        var i = from - 1;
        for (; i >= 0; i--)
        {
            var entry = run.Step(text[i], ref steps);
            if ((entry & (DfaTable.Match | DfaTable.Dead)) == 0)
                continue;
            if ((entry & DfaTable.Match) != 0)
            {
                start = i + 1;
                if (isShortest)
                    break;
            }
            if ((entry & DfaTable.Dead) != 0)
                break;
        }
        steps -= from - i;
        return start;
    }

    /// <summary>The end of the first match in [from, to), or -1. For automata that are not anchored; they go on over field ends.</summary>
    public int Search(ReadOnlySpan<byte> text, int from, int to, ref long steps)
    {
        var skip = (skips ??= new StartBytes(this)).Bytes;
        var run = new Run(this, DfaState.KindOf(text[from - 1]));
        var isStart = true;
        for (var i = from; i < to; i++)
        {
            if (isStart && skip is not null)
            {
                // A match can only begin with one of a few bytes, and finding the next of them costs a fraction of a step each.
                var next = text[i..to].IndexOfAny(skip);
                next = next < 0 ? to - i : next;
                steps += next - (next >> StepsSkipped);
                if (next > 0)
                    run.Restart(DfaState.KindOf(text[(i += next) - 1]));
                if (i == to)
                    break;
            }
            var entry = run.Step(text[i], ref steps);
            isStart = (entry & DfaTable.Start) != 0;
            if ((entry & DfaTable.Match) == 0)
                continue;
            steps -= i - from + 1;
            return i;
        }
        steps -= to - from;
        return -1;
    }

    /// <summary>All ends of matches that begin at <paramref name="from"/> and end at or before <paramref name="to"/>, in order; as many as fit.</summary>
    public int Ends(ReadOnlySpan<byte> text, int from, int to, Span<int> ends, ref long steps)
    {
        var run = new Run(this, DfaState.KindOf(text[from - 1]));
        var count = 0;
        for (var i = from; i <= to && count < ends.Length; i++)
        {
            var entry = run.Step(text[i], ref steps);
            if ((entry & DfaTable.Match) != 0)
                ends[count++] = i;
            if ((entry & DfaTable.Dead) != 0)
                break;
        }
        steps -= to - from + 1;
        return count;
    }

    private DfaTable NewTable()
    {
        var table = new DfaTable(nfa.ClassOf, nfa.ClassCount);
        var start = Close(scratch ??= new ClosureScratch(), [nfa.Start]);
        for (byte kind = 0; kind < DfaState.Kinds; kind++)
            table.SetStart(kind, StateOf(start, kind, isMatch: false));
        return table;
    }

    private int Build(ref DfaTable table, int row, byte cls, ref long steps)
    {
        lock (building)
        {
            var from = table.StateOf(row);
            // A pattern's first states are built once for all scans; those beyond are the work of this text: about 10 ns per NFA step visited, against
            // 1 ns per byte of a known state.
            if (++built > FreeStates && ++builtInScan > FreePerScan)
                steps -= 200 + 10 * from.Steps.Length;
            // Runs under way keep the table they are in; it falls to the collector after them.
            if (current.IsFull)
                current = NewTable();
            if (table != current)
                (table, row) = (current, current.EntryOf(from) & DfaTable.Row);
            var value = nfa.Representative[cls];
            var work = scratch ??= new ClosureScratch();
            var reached = nfa.HasAssertions ? Follow(work, from.Steps, from.Before, DfaState.KindOf(value), passes: true).ToArray() : from.Steps;
            var isMatch = false;
            work.Next.Clear();
            foreach (var at in reached)
            {
                ref readonly var step = ref nfa.Steps[at];
                isMatch |= step.Op == NfaOp.Match;
                if (step.Op == NfaOp.Byte && nfa.Consumes(step, value))
                    work.Next.Add(step.Next);
            }
            if (!isAnchored)
                work.Next.Add(nfa.Start);
            var entry = table.EntryOf(StateOf(Close(work, CollectionsMarshal.AsSpan(work.Next)), DfaState.KindOf(value), isMatch));
            table.Numbers[row + cls] = entry;
            return entry;
        }
    }

    // What came before matters only to an assertion still to be passed.
    private DfaState StateOf(int[] set, byte before, bool isMatch) => new(set, nfa.HasAssertions && HasAssertion(set) ? before : DfaState.Other, isMatch);

    private bool HasAssertion(int[] set)
    {
        foreach (var at in set)
            if (nfa.Steps[at].Op == NfaOp.Assert)
                return true;
        return false;
    }

    private int[] Close(ClosureScratch work, ReadOnlySpan<int> from) => Follow(work, from, 0, 0, passes: false).ToArray();

    // Follows splits and, where asked to, passes the assertions that hold between two kinds of byte; keeps bytes, other assertions and the match.
    // Sorted, so that equal sets are equal arrays.
    private ReadOnlySpan<int> Follow(ClosureScratch work, ReadOnlySpan<int> from, byte before, byte after, bool passes)
    {
        work.Begin(nfa.Steps.Length);
        foreach (var at in from)
            work.Open.Push(at);
        while (work.Open.TryPop(out var at))
        {
            if (!work.IsNew(at))
                continue;
            ref readonly var step = ref nfa.Steps[at];
            if (step.Op == NfaOp.Split)
            {
                work.Open.Push(step.Next);
                work.Open.Push(step.Other);
            }
            else if (step.Op == NfaOp.Assert && passes)
            {
                if (Holds(step.Assertion, before, after))
                    work.Open.Push(step.Next);
            }
            else
            {
                work.Kept.Add(at);
            }
        }
        Ascending.Sort(CollectionsMarshal.AsSpan(work.Kept));
        return CollectionsMarshal.AsSpan(work.Kept);
    }

    private static bool Holds(Assertion assertion, byte before, byte after) => assertion switch
    {
        Assertion.TextStart => before == DfaState.Edge,
        Assertion.TextEnd => after == DfaState.Edge,
        Assertion.LineStart => before is DfaState.Edge or DfaState.Newline,
        Assertion.LineEnd => after is DfaState.Edge or DfaState.Newline,
        Assertion.WordEdge => (before == DfaState.Word) != (after == DfaState.Word),
        _ => (before == DfaState.Word) == (after == DfaState.Word),
    };

    /// <summary>A walk through the states, byte by byte.</summary>
    private ref struct Run
    {
        private readonly LazyDfa dfa;
        private DfaTable table;
        private ref ushort numbers;
        private int row;

        public Run(LazyDfa dfa, byte before)
        {
            this.dfa = dfa;
            table = dfa.current;
            numbers = ref MemoryMarshal.GetArrayDataReference(table.Numbers);
            Restart(before);
        }

        /// <summary>The entry of the state that a byte leads to.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Step(byte value, ref long steps)
        {
            // Any byte is within the 256 of the classes, and every row within the array that its entry was read from.
            var cls = Unsafe.Add(ref Unsafe.As<ushort, byte>(ref numbers), value);
            int entry = Unsafe.Add(ref numbers, row + cls);
            if (entry == 0)
                entry = Build(cls, ref steps);
            row = entry & DfaTable.Row;
            return entry;
        }

        public void Restart(byte before) => row = Unsafe.Add(ref numbers, DfaTable.Starts + before) & DfaTable.Row;

        private int Build(byte cls, ref long steps)
        {
            var entry = dfa.Build(ref table, row, cls, ref steps);
            numbers = ref MemoryMarshal.GetArrayDataReference(table.Numbers);
            return entry;
        }
    }

    /// <summary>The bytes a match may begin with, when they are few and rare; else null.</summary>
    private sealed class StartBytes
    {
        // Looking for bytes that stand everywhere costs more than reading on.
        private const double MaxShare = 0.12;

        public readonly SearchValues<byte>? Bytes;

        public StartBytes(LazyDfa dfa)
        {
            var (leading, share, free) = (new List<byte>(), 0.0, 0L);
            for (var value = 0; value < 256; value++)
            {
                var leads = false;
                for (byte kind = 0; kind < 4; kind++)
                    leads |= (new Run(dfa, kind).Step((byte)value, ref free) & (DfaTable.Match | DfaTable.Start)) != DfaTable.Start;
                if (!leads)
                    continue;
                leading.Add((byte)value);
                share += ByteFrequency.Of((byte)value);
            }
            Bytes = share <= MaxShare ? SearchValues.Create(leading.ToArray()) : null;
        }
    }
}
