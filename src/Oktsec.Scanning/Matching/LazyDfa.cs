using System.Runtime.InteropServices;

namespace Oktsec.Scanning.Matching;

/// <summary>
/// A DFA whose states are built when text first reaches them. Time per byte is constant once they exist; building one costs steps of the
/// scan's budget, so text made to reach ever new states ends the budget instead of the CPU.
/// </summary>
internal sealed class LazyDfa
{
    // A state takes about 0.3 KB, so one pattern keeps at most 0.6 MB. Patterns of the pack need 20 to 300 states on real text.
    private const int MaxStates = 2000;

    private readonly Nfa nfa;
    private readonly bool isAnchored;
    private readonly bool isShortest;
    private readonly Lock building = new();
    private readonly Dictionary<StateKey, DfaState> states = [];
    private DfaState[] starts;

    /// <param name="nfa">The pattern.</param>
    /// <param name="isAnchored">A match begins where the run begins; otherwise anywhere after.</param>
    /// <param name="isShortest">Stop at the first end instead of the last.</param>
    public LazyDfa(Nfa nfa, bool isAnchored, bool isShortest)
    {
        this.nfa = nfa;
        this.isAnchored = isAnchored;
        this.isShortest = isShortest;
        starts = BuildStarts();
    }

    /// <summary>Runs forward from <paramref name="from"/>; the end of the match, or -1. The text ends with a field end.</summary>
    public int Forward(ReadOnlySpan<byte> text, int from, ref long steps)
    {
        var classOf = nfa.ClassOf;
        var state = starts[DfaState.KindOf(text[from - 1])];
        var end = -1;
        var i = from;
        for (; ; i++)
        {
            var next = state.Next[classOf[text[i]]] ?? Build(state, classOf[text[i]], ref steps);
            if (next.IsMatch)
            {
                end = i;
                if (isShortest)
                    break;
            }
            if (next.IsDead)
                break;
            state = next;
        }
        steps -= i - from + 1;
        return end;
    }

    /// <summary>Runs backward over the bytes before <paramref name="from"/>; the start of the match, or -1. A field end precedes the text.</summary>
    public int Backward(ReadOnlySpan<byte> text, int from, ref long steps)
    {
        var classOf = nfa.ClassOf;
        var state = starts[DfaState.KindOf(text[from])];
        var start = -1;
        var i = from - 1;
        for (; ; i--)
        {
            var next = state.Next[classOf[text[i]]] ?? Build(state, classOf[text[i]], ref steps);
            if (next.IsMatch)
            {
                start = i + 1;
                if (isShortest)
                    break;
            }
            if (next.IsDead)
                break;
            state = next;
        }
        steps -= from - i;
        return start;
    }

    /// <summary>The end of the first match in [from, to), or -1. For automata that are not anchored; they go on over field ends.</summary>
    public int Search(ReadOnlySpan<byte> text, int from, int to, ref long steps)
    {
        var classOf = nfa.ClassOf;
        var state = starts[DfaState.KindOf(text[from - 1])];
        for (var i = from; i < to; i++)
        {
            state = state.Next[classOf[text[i]]] ?? Build(state, classOf[text[i]], ref steps);
            if (!state.IsMatch)
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
        var state = starts[DfaState.KindOf(text[from - 1])];
        var count = 0;
        for (var i = from; i <= to && count < ends.Length; i++)
        {
            state = state.Next[nfa.ClassOf[text[i]]] ?? Build(state, nfa.ClassOf[text[i]], ref steps);
            if (state.IsMatch)
                ends[count++] = i;
            if (state.IsDead)
                break;
        }
        steps -= to - from + 1;
        return count;
    }

    private DfaState[] BuildStarts()
    {
        var result = new DfaState[4];
        for (byte kind = 0; kind < 4; kind++)
            result[kind] = Intern(Close([nfa.Start]), kind, isMatch: false);
        return result;
    }

    private DfaState Build(DfaState from, byte cls, ref long steps)
    {
        // About 20 ns per NFA step visited, against 1 ns per byte of a known state.
        steps -= 200 + 20 * from.Steps.Length;
        lock (building)
        {
            if (states.Count >= MaxStates)
            {
                // States already in use stay valid; they are only no longer found, and fall to the collector.
                states.Clear();
                starts = BuildStarts();
            }
            var value = nfa.Representative[cls];
            var reached = nfa.HasAssertions ? CloseAt(from.Steps, from.Before, DfaState.KindOf(value)) : from.Steps;
            var isMatch = false;
            var next = new List<int>();
            foreach (var at in reached)
            {
                var step = nfa.Steps[at];
                isMatch |= step.Op == NfaOp.Match;
                if (step.Op == NfaOp.Byte && step.Bytes.Contains(value))
                    next.Add(step.Next);
            }
            if (!isAnchored)
                next.Add(nfa.Start);
            var state = Intern(Close(next), DfaState.KindOf(value), isMatch);
            from.Next[cls] = state;
            return state;
        }
    }

    private DfaState Intern(int[] set, byte before, bool isMatch)
    {
        // What came before matters only to an assertion still to be passed.
        if (!nfa.HasAssertions || !Array.Exists(set, at => nfa.Steps[at].Op == NfaOp.Assert))
            before = DfaState.Other;
        var key = new StateKey(set, before, isMatch);
        if (!states.TryGetValue(key, out var state))
            states[key] = state = new DfaState(set, before, isMatch, nfa.ClassCount);
        return state;
    }

    // Follows splits; keeps bytes, assertions and the match. Sorted, so that equal sets are equal arrays.
    private int[] Close(List<int> from) => Follow(from, null);

    // The same, passing the assertions that hold between two kinds of byte.
    private int[] CloseAt(int[] from, byte before, byte after) => Follow(from, (before, after));

    private int[] Follow(IEnumerable<int> from, (byte Before, byte After)? edge)
    {
        var seen = new HashSet<int>();
        var kept = new List<int>();
        var open = new Stack<int>(from);
        while (open.TryPop(out var at))
        {
            if (!seen.Add(at))
                continue;
            var step = nfa.Steps[at];
            if (step.Op == NfaOp.Split)
            {
                open.Push(step.Next);
                open.Push(step.Other);
            }
            else if (step.Op == NfaOp.Assert && edge is { } e)
            {
                if (Holds(step.Assertion, e.Before, e.After))
                    open.Push(step.Next);
            }
            else
            {
                kept.Add(at);
            }
        }
        kept.Sort();
        return [.. kept];
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

    private readonly struct StateKey(int[] set, byte before, bool isMatch) : IEquatable<StateKey>
    {
        private readonly int[] set = set;
        private readonly byte before = before;
        private readonly bool isMatch = isMatch;

        public bool Equals(StateKey other) => before == other.before && isMatch == other.isMatch && set.AsSpan().SequenceEqual(other.set);

        public override bool Equals(object? obj) => obj is StateKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.AddBytes(MemoryMarshal.AsBytes(set.AsSpan()));
            hash.Add(before);
            hash.Add(isMatch);
            return hash.ToHashCode();
        }
    }
}
