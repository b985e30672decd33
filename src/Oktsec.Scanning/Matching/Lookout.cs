using System.Runtime.InteropServices;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Matching;

/// <summary>A branch that the prefilter looks out for, and what must be known before its anchor is worth a closer look. Numbers only: it is written to the pack.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Lookout
{
    private readonly ulong open;

    /// <summary>The rule set's number of the branch.</summary>
    public readonly int Branch;

    /// <summary>Its rule, if that has a condition; else -1.</summary>
    public readonly int Rule;

    /// <summary>Its companion begins at most so many bytes before the anchor,</summary>
    public readonly int Before;

    /// <summary>or so many behind its start.</summary>
    public readonly int After;

    /// <summary>Bytes from the anchor to those of the other patterns of its rule; asked for only with a gate.</summary>
    public readonly int Reach;

    /// <summary>The group of its companion; -1 without one.</summary>
    public readonly short Group;

    private readonly short gate;
    private readonly byte gateCount;
    private readonly byte gateNumber;
    private readonly byte rank;
    private readonly byte unused;

    /// <param name="branch">The branch.</param>
    /// <param name="rule">Its rule's index, or -1.</param>
    /// <param name="gate">What else must stand near its anchor; null when nothing must.</param>
    /// <param name="turn">When its matches are looked for; null when first.</param>
    /// <param name="group">The group of its companion; -1 without one.</param>
    public Lookout(Branch branch, int rule, ConditionGate? gate, VerifyTurn? turn, int group)
    {
        (Branch, Rule, Group) = (branch.Index, rule, (short)group);
        (Before, After) = branch.Alternative.Companion is { } companion ? (companion.Before, companion.After) : (0, 0);
        (this.gate, gateCount, gateNumber, Reach) = gate is null ? ((short)-1, (byte)0, (byte)0, 0) : ((short)gate.First, (byte)gate.Count, (byte)gate.Number, gate.Reach);
        (rank, open) = turn is null ? ((byte)0, 0) : ((byte)turn.Rank, turn.Open);
        unused = 0;
    }

    /// <summary>When it is looked at; 0 first.</summary>
    public int Rank => rank;

    /// <summary>Other patterns of its rule must be marked near its anchor.</summary>
    public bool HasGate => gate >= 0;

    /// <summary>The mark of the pattern that the anchor is of, counted from the first word of a block; -1 without a gate.</summary>
    public short GateBit => (short)(gate < 0 ? -1 : gate + gateNumber);

    /// <summary>The word of a block's marks that the rule's patterns are marked in.</summary>
    public int GateWord => gate >> 6;

    /// <summary>Whether patterns with these marks fulfil the condition.</summary>
    public bool MayFulfil(RuleCondition condition, ulong marks) => condition.Holds(marks >> gate & (gateCount == 64 ? ulong.MaxValue : (1UL << gateCount) - 1));

    /// <summary>Whether the condition can hold where these patterns of the rule matched, a bit each, when all of those before have been looked for.</summary>
    public bool MayHold(RuleCondition condition, ulong found) => condition.Holds(found | open);
}
