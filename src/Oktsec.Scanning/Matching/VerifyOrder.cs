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
            var count = group.Key.Rule.Patterns.Count;
            // How often anchors of each pattern are to be expected; none for what has no branch here, and infinitely often for what has no anchor and is read last.
            var costs = new double[count];
            foreach (var branch in group)
                costs[patterns[branch.Pattern].Number] += branch.Alternative.Grams.Length > 0 ? double.Epsilon + branch.Alternative.Anchor.Candidates : double.PositiveInfinity;
            var (earlier, turns) = (0UL, new VerifyTurn?[count]);
            for (var rank = 0; Rarest(costs) is >= 0 and var rarest; costs[rarest] = 0)
            {
                turns[rarest] = new VerifyTurn(rank, ~earlier);
                if (rank == Ranks - 1)
                    continue;
                rank++;
                earlier |= 1UL << rarest;
            }
            foreach (var branch in group)
                if (turns[patterns[branch.Pattern].Number] is { } turn)
                    turnOf[branch] = turn;
        }
    }

    private static int Rarest(double[] costs)
    {
        var rarest = -1;
        for (var i = 0; i < costs.Length; i++)
            if (costs[i] > 0 && costs[i] < (rarest < 0 ? double.PositiveInfinity : costs[rarest]))
                rarest = i;
        return rarest;
    }

    /// <summary>Null for a branch whose matches count by themselves.</summary>
    public VerifyTurn? Of(Branch branch) => turnOf.GetValueOrDefault(branch);
}

/// <summary>When the matches of a pattern are looked for.</summary>
/// <param name="Rank">0 first.</param>
/// <param name="Open">A bit for each pattern of the rule that may still match: it and those that come later, or in another view.</param>
internal sealed record VerifyTurn(int Rank, ulong Open);
