using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Rules;

/// <summary>The built-in rules in their pack: indexes that are used where they stand, and rules that are made when something of them is met in text.</summary>
internal sealed class PackedRules
{
    private readonly Lock guard = new();
    private readonly Table<int> ruleAt;
    private readonly Table<int> firstPattern;
    private readonly Table<int> firstBranch;
    private readonly Table<int> gateAt;
    private readonly Table<byte> records;
    private readonly PlaceRules[] places = new PlaceRules[3];
    private readonly Rule?[] rules;
    private readonly CompiledPattern?[] patterns;
    private readonly Branch?[] branches;

    public PackedRules(ref PackReader reader)
    {
        (ruleAt, firstPattern, firstBranch, gateAt, records) = (reader.Table<int>(), reader.Table<int>(), reader.Table<int>(), reader.Table<int>(), reader.Table<byte>());
        for (var place = 0; place < places.Length; place++)
            places[place] = new PlaceRules(ref reader);
        rules = new Rule?[ruleAt.Length];
        patterns = new CompiledPattern?[firstPattern[^1]];
        branches = new Branch?[firstBranch[^1]];
        Rules = new Lazily<Rule>(rules, Make);
        Patterns = new Lazily<CompiledPattern>(patterns, pattern => Make(Owner(firstPattern, pattern)));
        Branches = new Lazily<Branch>(branches, MakeBranch);
    }

    /// <summary>In the order of their indexes.</summary>
    public Lazily<Rule> Rules { get; }

    public Lazily<CompiledPattern> Patterns { get; }

    public Lazily<Branch> Branches { get; }

    /// <summary>The number of each rule's first pattern, by the rule's index.</summary>
    public int[] FirstPatterns => firstPattern.Span[..ruleAt.Length].ToArray();

    public PlaceRules At(Place place) => places[(int)place];

    // The last whose first is at most this one.
    private static int Owner(Table<int> firsts, int number)
    {
        var at = firsts.Span.BinarySearch(number);
        // Of several with the same first, all but the last have none.
        for (at = at < 0 ? ~at - 1 : at; at + 1 < firsts.Length && firsts[at + 1] <= number; at++)
        {
        }
        return at;
    }

    private void MakeBranch(int branch)
    {
        if (branch < gateAt.Length)
            MakeGates();
        else
            Make(Owner(firstPattern, Owner(firstBranch, branch)));
    }

    private void Make(int index)
    {
        lock (guard)
        {
            if (rules[index] is not null)
                return;
            var anchors = new KnownAnchors();
            var reader = new PackReader(records.Span[ruleAt[index]..]);
            var rule = RulePack.ReadRule(ref reader, anchors);
            var compiled = RuleCompiler.Compile(rule, index, anchors);
            for (var number = 0; number < rule.Patterns.Count; number++)
            {
                var pattern = firstPattern[index] + number;
                Volatile.Write(ref patterns[pattern], RuleCompiler.Compile(compiled, number));
                if (firstBranch[pattern] == firstBranch[pattern + 1])
                    continue;
                var next = firstBranch[pattern];
                foreach (var alternative in RuleCompiler.Text(rule.Patterns[number], anchors).Alternatives)
                    Volatile.Write(ref branches[next], new Branch(pattern, next++, alternative));
            }
            Volatile.Write(ref rules[index], rule);
        }
    }

    private void MakeGates()
    {
        lock (guard)
        {
            if (branches[gateAt.Length - 1] is not null)
                return;
            var anchors = new List<Anchor[]>();
            for (var i = 0; i < gateAt.Length; i++)
            {
                var reader = new PackReader(records.Span[gateAt[i]..]);
                anchors.Add(AnchorFormat.ReadAll(ref reader));
            }
            var next = 0;
            WordGates.AddTo((pattern, alternative) => Volatile.Write(ref branches[next], new Branch(pattern, next++, alternative)), anchors);
        }
    }
}
