using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Matching;

/// <summary>
/// In which order the patterns of a rule with a condition are verified: those whose anchors are rare first. Where they did not match, the condition cannot hold,
/// and its other patterns, ordinary words as a rule, need not be looked at.
/// </summary>
internal sealed class VerifyOrder
{
    /// <summary>Patterns beyond are verified together.</summary>
    public const int Ranks = 4;

    private readonly Dictionary<Branch, VerifyTurn> turnOf = [];

    /// <param name="branches">Of one view at one place.</param>
    /// <param name="patterns">The rule set's.</param>
    public VerifyOrder(IReadOnlyList<Branch> branches, IReadOnlyList<CompiledPattern> patterns)
    {
        foreach (var group in branches.Where(branch => branch.Pattern >= 0 && patterns[branch.Pattern].Rule.Condition is not null).GroupBy(branch => patterns[branch.Pattern].Rule))
        {
            // What has no anchor is read after all that has one.
            var anchored = group.GroupBy(branch => patterns[branch.Pattern].Number).Where(pattern => pattern.All(branch => branch.Alternative.Grams.Length > 0));
            var (rank, earlier) = (0, 0UL);
            foreach (var pattern in anchored.OrderBy(pattern => pattern.Sum(branch => branch.Alternative.Anchor.Candidates)))
            {
                var turn = new VerifyTurn(group.Key, rank, ~earlier);
                foreach (var branch in pattern)
                    turnOf[branch] = turn;
                if (rank == Ranks - 1)
                    continue;
                rank++;
                earlier |= 1UL << pattern.Key;
            }
        }
    }

    /// <summary>Null for a branch whose matches count by themselves.</summary>
    public VerifyTurn? Of(Branch branch) => turnOf.GetValueOrDefault(branch);
}

/// <summary>When the matches of a pattern are looked for.</summary>
/// <param name="Rule">Its rule, which has a condition.</param>
/// <param name="Rank">0 first.</param>
/// <param name="Open">A bit for each pattern of the rule that may still match: it and those that come later, or in another view.</param>
internal sealed record VerifyTurn(CompiledRule Rule, int Rank, ulong Open)
{
    /// <summary>Whether the condition can hold.</summary>
    /// <param name="found">The patterns of the rule that matched, a bit each.</param>
    public bool MayHold(ulong found) => Rule.Condition!.Holds(found | Open);
}
