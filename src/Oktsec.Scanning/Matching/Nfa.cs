namespace Oktsec.Scanning.Matching;

internal enum NfaOp : byte
{
    /// <summary>Consumes one byte of <see cref="NfaStep.Bytes"/>.</summary>
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
    public int Other;
    public ByteSet Bytes;
}

/// <summary>A pattern compiled to steps over UTF-8 bytes (Thompson), with the bytes it cannot tell apart grouped into classes.</summary>
internal sealed class Nfa
{
    // The largest built-in pattern has about 1,200 steps. 20,000 steps are 1 MB and the work of one DFA state; a pattern beyond is a list, not a pattern.
    private const int MaxSteps = 20_000;

    private readonly List<NfaStep> steps = [];
    private NfaStep[] final = [];

    private Nfa()
    {
    }

    public ReadOnlySpan<NfaStep> Steps => final;

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
        var nfa = new Nfa();
        var match = nfa.Add(new NfaStep { Op = NfaOp.Match });
        nfa.Start = nfa.Emit(tree, match);
        nfa.final = [.. nfa.steps];
        nfa.FindClasses();
        return nfa;
    }

    private int Add(NfaStep step)
    {
        if (steps.Count >= MaxSteps)
            throw new PatternException($"larger than {MaxSteps} steps when compiled; lower its repeat counts");
        steps.Add(step);
        return steps.Count - 1;
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
            SetNext(loop, Emit(repeat.Body, loop));
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

    private void SetNext(int at, int next)
    {
        var step = steps[at];
        step.Next = next;
        steps[at] = step;
    }

    private int EmitSet(CharSet set, bool isReversed, int next)
    {
        var entries = new List<int>();
        var ascii = new ByteSet();
        var hasAscii = false;
        var coversAll = !set.IsEmpty && set.Low(set.Count - 1) <= 0x80 && set.High(set.Count - 1) == CharSet.MaxCodePoint;
        for (var i = 0; i < set.Count && set.Low(i) <= 0x7F; i++)
        {
            ascii.Add(set.Low(i), Math.Min(set.High(i), 0x7F));
            hasAscii = true;
        }
        if (coversAll)
        {
            // Any character beyond ASCII: a lead byte, then whatever continuation bytes follow it. The scanned text is valid UTF-8.
            var lead = new ByteSet();
            lead.Add(0xC0, 0xFF);
            var behind = isReversed ? Add(new NfaStep { Op = NfaOp.Byte, Bytes = lead, Next = next }) : next;
            var tail = Add(new NfaStep { Op = NfaOp.Split, Other = behind });
            var more = new ByteSet();
            more.Add(0x80, 0xBF);
            SetNext(tail, Add(new NfaStep { Op = NfaOp.Byte, Bytes = more, Next = tail }));
            entries.Add(isReversed ? tail : Add(new NfaStep { Op = NfaOp.Byte, Bytes = lead, Next = tail }));
        }
        else
        {
            for (var i = 0; i < set.Count; i++)
                foreach (var sequence in Utf8Ranges.Split(Math.Max(set.Low(i), 0x80), set.High(i)))
                    entries.Add(EmitSequence(sequence, isReversed, next));
        }
        if (hasAscii || entries.Count == 0)
            entries.Add(Add(new NfaStep { Op = NfaOp.Byte, Bytes = ascii, Next = next }));
        var entry = entries[^1];
        for (var i = entries.Count - 2; i >= 0; i--)
            entry = Add(new NfaStep { Op = NfaOp.Split, Next = entries[i], Other = entry });
        return entry;
    }

    private int EmitSequence((byte Low, byte High)[] sequence, bool isReversed, int next)
    {
        for (var i = sequence.Length - 1; i >= 0; i--)
        {
            var (low, high) = sequence[isReversed ? sequence.Length - 1 - i : i];
            var bytes = new ByteSet();
            bytes.Add(low, high);
            next = Add(new NfaStep { Op = NfaOp.Byte, Bytes = bytes, Next = next });
        }
        return next;
    }

    // Two bytes are of one class when no step and no assertion tells them apart.
    private void FindClasses()
    {
        var signature = new Dictionary<Signature, byte>();
        var hash = new ulong[256];
        var second = new ulong[256];
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i].Op != NfaOp.Byte)
                continue;
            // Two independent 64-bit sums instead of a bit per step: a collision of both has probability 2^-128 and patterns are not adversarial to it.
            var (a, b) = (Mix((ulong)i + 1), Mix((ulong)i + 0x9E3779B97F4A7C15));
            for (var value = 0; value < 256; value++)
            {
                if (!steps[i].Bytes.Contains(value))
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
