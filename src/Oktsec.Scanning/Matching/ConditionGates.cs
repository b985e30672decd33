using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Matching;

/// <summary>
/// Rules whose condition asks for several patterns near each other: where the anchors of the others do not stand near, one pattern's match would be found in
/// vain. Most halves of such rules are ordinary words, and two in three of them have nothing of their other half near.
/// </summary>
internal sealed class ConditionGates
{
    // Each word is 8 bytes to be cleared for every 64 bytes of text. What does not fit is verified as it comes.
    private const int MaxWords = 4;

    // A window that wide holds a bit of everything.
    private const int MaxReach = 1024;

    private readonly Dictionary<Branch, ConditionGate> gateOf = [];

    /// <param name="branches">Of one view at one place.</param>
    /// <param name="patterns">The rule set's.</param>
    /// <param name="firstWord">The first word of a block's marks that is free.</param>
    public ConditionGates(IReadOnlyList<Branch> branches, IReadOnlyList<CompiledPattern> patterns, int firstWord)
    {
        var next = 64 * firstWord;
        foreach (var group in branches.Where(branch => branch.Pattern >= 0 && patterns[branch.Pattern].Rule.Condition is not null).GroupBy(branch => patterns[branch.Pattern].Rule))
        {
            var rule = group.Key;
            var count = rule.Rule.Patterns.Count;
            // The bits of a rule stand in one word.
            var first = (next & 63) + count > 64 ? (next | 63) + 1 : next;
            if (first + count > 64 * (firstWord + MaxWords) || !IsWhole([.. group], rule, patterns) || Reach([.. group], rule) is not (<= MaxReach and var reach))
                continue;
            foreach (var branch in group)
                gateOf[branch] = new ConditionGate(first, count, patterns[branch.Pattern].Number, (int)reach);
            next = first + count;
        }
        Words = (next + 63) / 64 - firstWord;
    }

    public int Words { get; }

    /// <summary>Null when the branch is to be verified wherever its anchor stands.</summary>
    public ConditionGate? Of(Branch branch) => gateOf.GetValueOrDefault(branch);

    // Every pattern of the rule is text of this view with an anchor: what is found otherwise leaves no mark.
    private static bool IsWhole(List<Branch> branches, CompiledRule rule, IReadOnlyList<CompiledPattern> patterns)
    {
        if (rule.Rule.Near == 0 || branches.Exists(branch => branch.Alternative.Grams.Length == 0 || branch.Alternative.Anchor.HasSecret))
            return false;
        for (var number = 0; number < rule.Rule.Patterns.Count; number++)
            if (!branches.Exists(branch => patterns[branch.Pattern].Number == number))
                return false;
        return true;
    }

    // All matches of a window begin within `near` of the end of the first, and an anchor stands within its match. Folded text is never longer than its source.
    private static long Reach(List<Branch> branches, CompiledRule rule) =>
        rule.Rule.Near + branches.Max(branch => (long)branch.Alternative.Anchor.MaxLength) + branches.Max(branch => branch.Alternative.Anchor.MaxLengthBefore);
}

/// <summary>What must be marked near an anchor for its match to count.</summary>
/// <param name="First">The bit of the rule's first pattern among the marks of a block; all are in one word.</param>
/// <param name="Count">Number of patterns.</param>
/// <param name="Number">The pattern that the anchor is of.</param>
/// <param name="Reach">Bytes from here to the anchors of the others.</param>
internal sealed record ConditionGate(int First, int Count, int Number, int Reach);
