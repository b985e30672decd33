using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Scan;

/// <summary>Rules with a condition need several patterns in one field; the others stand as they are.</summary>
internal static class HitConditions
{
    private const int MaxPatterns = 64;

    public static List<Hit> Apply(IReadOnlyList<Hit> hits, RuleSet rules)
    {
        var kept = new List<Hit>();
        var byRule = new Dictionary<(int Rule, int Field), List<Hit>>();
        foreach (var hit in hits)
        {
            var rule = rules.Patterns[hit.Pattern].Rule;
            if (rule.Condition is null)
            {
                kept.Add(hit);
                continue;
            }
            if (!byRule.TryGetValue((rule.Index, hit.Field), out var list))
                byRule[(rule.Index, hit.Field)] = list = [];
            list.Add(hit);
        }
        foreach (var list in byRule.Values)
            Keep(list, rules, kept);
        return kept;
    }

    // A window begins at a hit and reaches as far as the rule's patterns may stand apart. One finding stands for each window that fulfils the
    // condition; of a rule about secrets all its hits are kept, because each is to be hidden.
    private static void Keep(List<Hit> list, RuleSet rules, List<Hit> kept)
    {
        list.Sort((a, b) => a.Start.CompareTo(b.Start));
        var rule = rules.Patterns[list[0].Pattern].Rule;
        long near = rule.Rule.Near > 0 ? rule.Rule.Near : int.MaxValue;
        var holds = new bool[list.Count];
        Span<long> nextStart = stackalloc long[MaxPatterns];
        nextStart.Fill(long.MaxValue);
        for (var i = list.Count - 1; i >= 0; i--)
        {
            nextStart[rules.Patterns[list[i].Pattern].Number] = list[i].Start;
            var found = 0UL;
            for (var number = 0; number < rule.Rule.Patterns.Count; number++)
                found |= nextStart[number] - list[i].End <= near ? 1UL << number : 0;
            holds[i] = rule.Condition!.Holds(found);
        }
        var windowEnd = -1L;
        for (var i = 0; i < list.Count; i++)
        {
            var isInside = list[i].Start <= windowEnd;
            if (holds[i] && (!isInside || rule.Rule.IsSensitive))
                windowEnd = Math.Max(windowEnd, list[i].End + near);
            if (isInside ? rule.Rule.IsSensitive : holds[i])
                kept.Add(list[i]);
        }
    }
}
