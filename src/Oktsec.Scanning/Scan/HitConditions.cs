using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Scan;

/// <summary>Rules with a condition need several patterns in one field; the others stand as they are.</summary>
/// <remarks>Kept with its lists by the session: half a rule stands in many a text that is clean.</remarks>
internal sealed class HitConditions
{
    private const int MaxPatterns = 64;

    private readonly List<Hit> kept = [];
    private readonly List<Open> open = [];
    private bool[] holds = [];

    /// <summary>The hits that count; good until the next call.</summary>
    public List<Hit> Apply(List<Hit> hits, RuleSet rules)
    {
        kept.Clear();
        open.Clear();
        foreach (var hit in hits)
        {
            var rule = rules.Patterns[hit.Pattern].Rule;
            if (rule.Condition is null)
                kept.Add(hit);
            else
                open.Add(new Open(rule.Index, hit, open.Count));
        }
        open.Sort(static (a, b) => a.CompareTo(b));
        if (holds.Length < open.Count)
            holds = new bool[open.Count];
        for (var from = 0; from < open.Count;)
        {
            var to = from + 1;
            while (to < open.Count && open[to].Rule == open[from].Rule && open[to].Hit.Field == open[from].Hit.Field)
                to++;
            Keep(from, to, rules);
            from = to;
        }
        return kept;
    }

    // A window begins at a hit and reaches as far as the rule's patterns may stand apart. One finding stands for each window that fulfils the
    // condition; of a rule about secrets all its hits are kept, because each is to be hidden.
    private void Keep(int from, int to, RuleSet rules)
    {
        var rule = rules.Patterns[open[from].Hit.Pattern].Rule;
        long near = rule.Rule.Near > 0 ? rule.Rule.Near : int.MaxValue;
        Span<long> nextStart = stackalloc long[MaxPatterns];
        nextStart.Fill(long.MaxValue);
        for (var i = to - 1; i >= from; i--)
        {
            var hit = open[i].Hit;
            nextStart[rules.Patterns[hit.Pattern].Number] = hit.Start;
            var found = 0UL;
            for (var number = 0; number < rule.Rule.Patterns.Count; number++)
                found |= nextStart[number] - hit.End <= near ? 1UL << number : 0;
            holds[i] = rule.Condition!.Holds(found);
        }
        var windowEnd = -1L;
        for (var i = from; i < to; i++)
        {
            var hit = open[i].Hit;
            var isInside = hit.Start <= windowEnd;
            if (holds[i] && (!isInside || rule.Rule.IsSensitive))
                windowEnd = Math.Max(windowEnd, hit.End + near);
            if (isInside ? rule.Rule.IsSensitive : holds[i])
                kept.Add(hit);
        }
    }

    /// <summary>A hit of a rule with a condition.</summary>
    private readonly record struct Open(int Rule, Hit Hit, int Order) : IComparable<Open>
    {
        public int CompareTo(Open other) =>
            Rule != other.Rule ? Rule.CompareTo(other.Rule)
            : Hit.Field != other.Hit.Field ? Hit.Field.CompareTo(other.Hit.Field)
            : Hit.Start != other.Hit.Start ? Hit.Start.CompareTo(other.Hit.Start)
            : Order.CompareTo(other.Order);
    }
}
