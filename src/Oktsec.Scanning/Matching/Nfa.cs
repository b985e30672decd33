namespace Oktsec.Scanning.Matching;

internal enum NfaOp : byte
{
    /// <summary>Consumes one byte of a set.</summary>
    Byte,

    /// <summary>Goes on at both.</summary>
    Split,

    /// <summary>Goes on where <see cref="NfaStep.Assertion"/> holds.</summary>
    Assert,

    Match,
}

internal struct NfaStep
{
    public NfaOp Op;
    public Assertion Assertion;
    public int Next;

    /// <summary>The other way of a split; of a byte the number of its set.</summary>
    public int Other;
}

/// <summary>A pattern compiled to steps over UTF-8 bytes (Thompson), with the bytes it cannot tell apart grouped into classes.</summary>
internal sealed class Nfa
{
    // The largest built-in pattern has about 1,200 steps. 20,000 steps are 1 MB and the work of one DFA state; a pattern beyond is a list, not a pattern.
    private const int MaxSteps = 20_000;

    private readonly NfaStep[] steps;
    private readonly List<ByteSet> sets = [];
    private readonly Dictionary<ByteSet, int> numberOf = [];
    private int count;

    private Nfa(int size) => steps = new NfaStep[size];

    public ReadOnlySpan<NfaStep> Steps => steps;

    public int Start { get; private set; }

    public bool HasAssertions { get; private set; }

    /// <summary>Byte to class; the field end has a class of its own, the last.</summary>
    public byte[] ClassOf { get; } = new byte[256];

    public int ClassCount { get; private set; }

    /// <summary>One byte of each class.</summary>
    public byte[] Representative { get; private set; } = [];

    /// <exception cref="PatternException">Too large.</exception>
    public static Nfa Compile(RegexNode tree)
    {
        var nfa = new Nfa(Check(tree));
        var match = nfa.Add(new NfaStep { Op = NfaOp.Match });
        nfa.Start = nfa.Emit(tree, match);
        nfa.FindClasses();
        return nfa;
    }

    /// <summary>How many steps a pattern compiles to, without compiling it.</summary>
    /// <exception cref="PatternException">Too large.</exception>
    public static int Check(RegexNode tree)
    {
        var size = 1 + Size(tree);
        return size <= MaxSteps ? (int)size : throw new PatternException($"larger than {MaxSteps} steps when compiled; lower its repeat counts");
    }

    /// <summary>Whether a step that consumes a byte consumes this one.</summary>
    public bool Consumes(in NfaStep step, byte value) => sets[step.Other].Contains(value);

    // As many as are emitted below. Products of counts are cut off where they are too large anyway.
    private static long Size(RegexNode node)
    {
        switch (node)
        {
            case RegexNode.Set set:
                return set.Chars.Utf8.Steps;
            case RegexNode.Concat concat:
                var sum = 0L;
                foreach (var item in concat.Items)
                    sum += Size(item);
                return Math.Min(sum, MaxSteps);
            case RegexNode.Alternate alternate:
                var all = alternate.Branches.Count - 1L;
                foreach (var branch in alternate.Branches)
                    all += Size(branch);
                return Math.Min(all, MaxSteps);
            case RegexNode.Group group:
                return Size(group.Body);
            case RegexNode.Assert:
                return 1;
            case RegexNode.Repeat repeat:
                var body = Size(repeat.Body);
                return Math.Min(repeat.Min * body + (repeat.Max < 0 ? 1 + body : (repeat.Max - repeat.Min) * (1 + body)), MaxSteps);
            default:
                return 0;
        }
    }

    private int Add(NfaStep step)
    {
        steps[count] = step;
        return count++;
    }

    private int AddByte(in ByteSet bytes, int next)
    {
        if (!numberOf.TryGetValue(bytes, out var number))
        {
            numberOf.Add(bytes, number = sets.Count);
            sets.Add(bytes);
        }
        return Add(new NfaStep { Op = NfaOp.Byte, Next = next, Other = number });
    }

    // Emits back to front: the step to go on with is known when a node is emitted.
    private int Emit(RegexNode node, int next)
    {
        switch (node)
        {
            case RegexNode.Set set:
                return EmitSet(set.Chars, set.IsReversed, next);
            case RegexNode.Concat concat:
                for (var i = concat.Items.Count - 1; i >= 0; i--)
                    next = Emit(concat.Items[i], next);
                return next;
            case RegexNode.Alternate alternate:
                var entry = Emit(alternate.Branches[^1], next);
                for (var i = alternate.Branches.Count - 2; i >= 0; i--)
                    entry = Add(new NfaStep { Op = NfaOp.Split, Next = Emit(alternate.Branches[i], next), Other = entry });
                return entry;
            case RegexNode.Group group:
                return Emit(group.Body, next);
            case RegexNode.Assert assert:
                HasAssertions = true;
                return Add(new NfaStep { Op = NfaOp.Assert, Assertion = assert.Kind, Next = next });
            case RegexNode.Repeat repeat:
                return EmitRepeat(repeat, next);
            default:
                return next;
        }
    }

    private int EmitRepeat(RegexNode.Repeat repeat, int next)
    {
        if (repeat.Max < 0)
        {
            var loop = Add(new NfaStep { Op = NfaOp.Split, Other = next });
            steps[loop].Next = Emit(repeat.Body, loop);
            next = loop;
        }
        else
        {
            var end = next;
            for (var i = repeat.Min; i < repeat.Max; i++)
                next = Add(new NfaStep { Op = NfaOp.Split, Next = Emit(repeat.Body, next), Other = end });
        }
        for (var i = 0; i < repeat.Min; i++)
            next = Emit(repeat.Body, next);
        return next;
    }

    private int EmitSet(CharSet chars, bool isReversed, int next)
    {
        var set = chars.Utf8;
        var entry = -1;
        if (set.CoversRest)
        {
            // Any character beyond ASCII: a lead byte, then whatever continuation bytes follow it. The scanned text is valid UTF-8.
            var behind = isReversed ? AddByte(Utf8Set.Lead, next) : next;
            var tail = Add(new NfaStep { Op = NfaOp.Split, Other = behind });
            steps[tail].Next = AddByte(Utf8Set.Continuation, tail);
            entry = isReversed ? tail : AddByte(Utf8Set.Lead, tail);
        }
        foreach (var sequence in set.Sequences)
            entry = Either(entry, EmitSequence(sequence, isReversed, next));
        return set.HasAscii ? Either(entry, AddByte(set.Ascii, next)) : entry;
    }

    private int Either(int one, int other) => one < 0 ? other : Add(new NfaStep { Op = NfaOp.Split, Next = other, Other = one });

    private int EmitSequence(ByteSet[] sequence, bool isReversed, int next)
    {
        for (var i = sequence.Length - 1; i >= 0; i--)
            next = AddByte(sequence[isReversed ? sequence.Length - 1 - i : i], next);
        return next;
    }

    // Two bytes are of one class when no set and no assertion tells them apart.
    private void FindClasses()
    {
        var signature = new Dictionary<Signature, byte>();
        Span<ulong> hash = stackalloc ulong[256];
        Span<ulong> second = stackalloc ulong[256];
        hash.Clear();
        second.Clear();
        for (var i = 0; i < sets.Count; i++)
        {
            // Two independent 64-bit sums instead of a bit per set: a collision of both has probability 2^-128 and patterns are not adversarial to it.
            var (a, b) = (Mix((ulong)i + 1), Mix((ulong)i + 0x9E3779B97F4A7C15));
            for (var value = 0; value < 256; value++)
            {
                if (!sets[i].Contains(value))
                    continue;
                hash[value] += a;
                second[value] += b;
            }
        }
        var representative = new List<byte>();
        for (var value = 0; value < 256; value++)
        {
            if (value == RegexClasses.FieldEnd)
                continue;
            var kind = HasAssertions ? DfaState.KindOf((byte)value) : DfaState.Other;
            var key = new Signature(hash[value], second[value], kind);
            if (!signature.TryGetValue(key, out var cls))
            {
                signature[key] = cls = (byte)representative.Count;
                representative.Add((byte)value);
            }
            ClassOf[value] = cls;
        }
        ClassOf[RegexClasses.FieldEnd] = (byte)representative.Count;
        representative.Add(RegexClasses.FieldEnd);
        Representative = [.. representative];
        ClassCount = representative.Count;
    }

    private static ulong Mix(ulong value)
    {
        // The finaliser of splitmix64.
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private readonly record struct Signature(ulong First, ulong Second, byte Kind);
}
