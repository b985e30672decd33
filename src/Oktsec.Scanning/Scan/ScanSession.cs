using Oktsec.Scanning.Definitions;
using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Parsers;
using Oktsec.Scanning.Rules;
using Oktsec.Scanning.Validators;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Scan;

/// <summary>One scan: its buffers, its budget and what matched so far. Kept and used again by the thread that scans next.</summary>
/// <remarks>
/// 1. The caller puts fields into the buffer. 2. Each round folds the new fields, runs the prefilter and the detectors over them, and 3. decodes what
/// is encoded in them into the fields of the next round. 4. What matched becomes findings.
/// </remarks>
internal sealed class ScanSession
{
    // Deeper nesting than any decoder of an agent follows by itself; every round costs a pass over what the last one decoded.
    private const int MaxDepth = 5;

    // Anchors of one rule stand far apart. What stands around one is read some ten steps later.
    private const int Ahead = 2;

    // Anchors after which it is seen what the others will cost.
    private const int Enough = 40;

    private readonly FoldMap foldMap = new();
    private readonly FactScan facts;
    private readonly List<Hit> hits = [];
    private readonly HitConditions conditions = new();
    private readonly List<(int Field, int At, Decoding Via)> gates = [];
    private byte[] folded = new byte[8192];
    // By branch; those that were touched are taken back one by one, because a short text touches a few of thousands.
    private readonly List<int> touched = [];
    private BranchState[] states = [];
    private readonly WaitingAnchors waiting = new();
    private readonly AnchorMarks marks = new();

    // Of rules with a condition: the patterns found so far, a bit each, and where.
    private readonly List<(int Pattern, bool IsFolded, int Start, int End)> pending = [];
    private ulong[] foundOf = [];
    private GramIndex index = null!;

    private RuleSet rules = null!;
    private ToolClasses tools;
    private Place place;
    private int regionStart;
    private int viewFrom;
    private int viewEnd;
    private int foldedEnd;
    private long steps;
    private int decodeBudget;
    private bool isFolded;
    private int transformedField = -1;
    private int transformedTo;
    private Decoding transformedVia;

    public ScanSession() => facts = new FactScan(this);

    public ScanBuffer Buffer { get; } = new();

    public JoinedView Joined { get; } = new();

    /// <summary>What matched, and fulfils its rule's condition; the list is the caller's until the next scan.</summary>
    public List<Hit> Confirmed() => conditions.Apply(hits, rules);

    public bool IsExhausted => steps < 0 || decodeBudget < 0;

    public void Begin(RuleSet ruleSet, Place at, ToolClasses toolClasses)
    {
        (rules, place, tools) = (ruleSet, at, toolClasses);
        Buffer.Clear();
        foldMap.Clear();
        hits.Clear();
        gates.Clear();
        Joined.Clear();
        transformedField = -1;
        folded[0] = RegexClasses.FieldEnd;
        foldedEnd = regionStart = 1;
        if (states.Length < ruleSet.Branches.Count)
            states = new BranchState[ruleSet.Branches.Count];
        if (foundOf.Length < ruleSet.RuleCount)
            foundOf = new ulong[ruleSet.RuleCount];
        foreach (var branch in touched)
            states[branch] = default;
        touched.Clear();
        Array.Clear(foundOf);
        pending.Clear();
    }

    /// <param name="definition">The input as a tool definition, if it is one.</param>
    public void Run(ToolDefinition? definition)
    {
        LazyDfa.BeginScan();
        var input = Buffer.Length;
        steps = ScanBudget.Steps(place, input);
        decodeBudget = ScanBudget.DecodedBytes(input);
        if (place != Place.Definition)
            Joined.Add(Buffer);
        var round = rules.At(place);
        if (definition is not null)
            CheckDefinition(round, definition);
        for (var first = 0; first < Buffer.Count && !IsExhausted;)
        {
            var (count, end) = Buffer.Mark();
            if (place == Place.Arguments)
                AddShapes(first, count);
            ScanRegion(round, end);
            for (var field = first; field < count && !IsExhausted; field++)
            {
                if (round.HasFacts)
                    facts.Scan(round.Facts, field, RolesOf(Buffer[field]));
                Decode(field);
            }
            AcceptPending();
            foreach (var (field, at, via) in gates)
                Transform(field, at, via);
            gates.Clear();
            first = count;
            regionStart = end;
        }
    }

    private void CheckDefinition(PlaceRules round, ToolDefinition definition)
    {
        foreach (var rule in round.Definitions)
            rule.Check.Find(definition, (field, start, length) => Accept(rule.Pattern, Buffer[field.Field].Start + start, Buffer[field.Field].Start + start + length, anyField: true));
    }

    private void AddShapes(int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            ref var field = ref Buffer[i];
            if (!field.IsKey)
                field.Roles |= FieldShape.Of(Buffer.Text[field.Start..field.End]);
        }
    }

    private void Decode(int field)
    {
        // What is joined was decoded where it stands.
        if (Buffer[field].Depth < MaxDepth && Buffer[field].Via != Decoding.Joined)
            Decoders.Decode(Buffer, field, place == Place.Arguments, ref decodeBudget);
    }

    private void Transform(int field, int at, Decoding via)
    {
        if (decodeBudget < 0 || Buffer[field].Depth >= MaxDepth || via == Buffer[field].Via || Buffer[field].Via == Decoding.Joined)
            return;
        if (transformedField == field && transformedVia == via && at < transformedTo)
            return;
        (transformedField, transformedVia) = (field, via);
        transformedTo = TextTransforms.Apply(Buffer, field, at, via, ref decodeBudget);
    }

    private void ScanRegion(PlaceRules round, int end)
    {
        isFolded = false;
        (viewFrom, viewEnd) = (regionStart, end);
        ScanView(round.Raw, Buffer.Text);
        foreach (var rule in round.Detectors)
            for (var at = regionStart; at < end && rule.Detector.Next(Buffer.Text[..end], at, out var start, out at);)
                Accept(rule.Pattern, start, at);

        isFolded = true;
        if (folded.Length < foldedEnd + (end - regionStart) + 64)
            Array.Resize(ref folded, foldedEnd + 2 * (end - regionStart) + 64);
        viewFrom = foldedEnd;
        viewEnd = foldedEnd = foldMap.Fold(Buffer.Text, regionStart, end, folded, foldedEnd);
        ScanView(round.Folded, folded.AsSpan(0, foldedEnd));
    }

    private void ScanView(GramIndex ofView, ReadOnlySpan<byte> view)
    {
        index = ofView;
        waiting.Begin(index.LookoutCount, viewEnd - viewFrom);
        marks.Begin(index.MarkWords, viewFrom, viewEnd);
        index.Scan(view, viewFrom, viewEnd, new Sink(this));
        waiting.Sort();
        for (var rank = 0; rank < VerifyOrder.Ranks; rank++)
            foreach (var lookout in waiting.Of(rank))
                VerifyAll(lookout);
        foreach (var branch in index.Unfiltered)
            ReadAll(rules.Branches[branch], view, viewFrom);
        if (index.AtStart.All.Length > 0)
            ReadStarts(view);
    }

    // Where fields and their values begin.
    private void ReadStarts(ReadOnlySpan<byte> view)
    {
        for (var at = viewFrom; at < viewEnd && steps >= 0;)
        {
            foreach (var branch in index.AtStart.MayMatchFrom(rules.Branches, view, at, ref steps) ? index.AtStart.All : [])
                if (rules.Branches[branch].Alternative.TryMatchFrom(view, at, ref steps, out var end))
                    Found(rules.Branches[branch], view, at, end);
            var next = view[at..viewEnd].IndexOfAny(RegexClasses.FieldEnd, RegexClasses.PairEnd);
            if (next < 0)
                return;
            at += next + 1;
        }
    }

    private ReadOnlySpan<byte> View => isFolded ? folded.AsSpan(0, viewEnd) : Buffer.Text[..viewEnd];

    private bool Candidate(int lookout, int rank, int gate, int at)
    {
        if (gate >= 0)
            marks.Set(gate, at);
        return waiting.TryAdd(lookout, rank, at) || Verify(rules.Branches[index[lookout].Branch], at);
    }

    // All has been looked through: what stands behind an anchor is known, too.
    private void VerifyAll(int number)
    {
        ref readonly var lookout = ref index[number];
        if (lookout.Rank > 0 && !lookout.MayHold(rules.ConditionOf(lookout.Rule), foundOf[lookout.Rule]))
            return;
        var condition = lookout.HasGate ? rules.ConditionOf(lookout.Rule) : null;
        var places = waiting.Places(number, out var all);
        var branch = rules.Branches[lookout.Branch];
        ref var state = ref states[branch.Index];
        var looks = 0;
        for (var i = 0; i < places.Length; i++)
        {
            var at = places[i];
            if (i + Ahead < places.Length)
                Prefetch.Read(in View[places[i + Ahead]]);
            if (!marks.HasCompanion(in lookout, at) || (condition is not null && !marks.MayFulfil(in lookout, condition, at)))
                continue;
            if (!Verify(branch, at))
                return;
            // Text made of anchors is read once, whole, as soon as it shows that looking at each of them would cost more.
            if (++looks == Enough && (state.Spent + Enough * ScanBudget.StepsPerLook) / (i + 1) * (all ?? places.Length) > viewEnd - viewFrom)
                ReadAll(branch, View, Math.Max(viewFrom, state.DoneUpTo));
        }
        if (all is not null)
            ReadAll(branch, View, Math.Max(viewFrom, state.DoneUpTo));
    }

    private bool Verify(Branch branch, int at)
    {
        ref var state = ref states[branch.Index];
        if (at < state.DoneUpTo)
            return true;
        Touch(branch, in state);
        steps -= ScanBudget.StepsPerLook;
        var before = steps;
        var view = View;
        var found = branch.Alternative;
        if (found.MayMatchAt(view, at, ref steps) && found.HasCompanion(view, at, viewFrom, viewEnd, ref steps) && found.TryMatchAt(view, at, ref steps, out var start, out var end))
        {
            state.DoneUpTo = Math.Max(end, at + 1);
            Found(branch, view, start, end);
        }
        // Text made of one rule's literals would have every window read again and again: after twice the text's length, of a long text a quarter and 64 KB,
        // which is ten times what the dearest rule takes of ordinary text, the rest is read once, whole.
        state.Spent += before - steps;
        if (state.Spent > Math.Min(2 * (viewEnd - viewFrom) + 4096, (viewEnd - viewFrom) / 4 + 65_536))
            // From the last match on, not from here: a match begins before its anchor.
            ReadAll(branch, view, Math.Max(viewFrom, state.DoneUpTo));
        return steps >= 0;
    }

    private void Touch(Branch branch, ref readonly BranchState state)
    {
        if (state is { DoneUpTo: 0, Spent: 0 })
            touched.Add(branch.Index);
    }

    private void ReadAll(Branch branch, ReadOnlySpan<byte> view, int from)
    {
        Touch(branch, in states[branch.Index]);
        while (from < viewEnd && steps >= 0 && branch.Alternative.TryFind(view, from, viewEnd, ref steps, out var start, out var end))
        {
            Found(branch, view, start, end);
            from = Math.Max(end, from + 1);
        }
        states[branch.Index].DoneUpTo = viewEnd;
    }

    private void Found(Branch branch, ReadOnlySpan<byte> view, int start, int end)
    {
        // What a rule excludes may be the name a secret stands under, and narrowing leaves that out.
        if (branch.Pattern >= 0 && rules.Patterns[branch.Pattern].Rule.IsExcluded(view[start..end], ref steps))
            return;
        branch.Alternative.Narrow(view, ref start, ref end, ref steps);
        // Most gate words stand there in plain letters, and a place costs time to map.
        if (end <= start || (branch.Pattern < 0 && !WordGates.IsDisguised(WordGates.Of(branch.Pattern), view[start..end])))
            return;
        if (branch.Pattern >= 0 && rules.Patterns[branch.Pattern].Rule is { Condition: not null } rule)
        {
            // One half of a rule is an ordinary word, as a rule; where it stands matters when the other half is there.
            foundOf[rule.Index] |= 1UL << rules.Patterns[branch.Pattern].Number;
            pending.Add((branch.Pattern, isFolded, start, end));
            return;
        }
        if (isFolded)
            (start, end) = foldMap.ToSource(Buffer.Text, start, end);
        if (branch.Pattern < 0)
            gates.Add((Buffer.FieldAt(start), start, WordGates.Of(branch.Pattern)));
        else
            Accept(branch.Pattern, start, end);
    }

    private void AcceptPending()
    {
        // Nothing is found any more: what a rule's condition says stays the same for all its matches.
        var (last, holds) = (-1, false);
        foreach (var (pattern, folded, start, end) in pending)
        {
            var rule = rules.Patterns[pattern].Rule;
            if (rule.Index != last)
                (last, holds) = (rule.Index, rule.Condition!.Holds(foundOf[rule.Index]));
            if (!holds || !Spend(1))
                continue;
            var (from, to) = folded ? foldMap.ToSource(Buffer.Text, start, end) : (start, end);
            Accept(pattern, from, to);
        }
        pending.Clear();
    }

    /// <summary>Of a pattern that is a predicate over facts.</summary>
    public FactPredicate PredicateOf(int pattern) => rules.Patterns[pattern].Predicate!;

    /// <summary>False when nothing is left.</summary>
    public bool Spend(long amount) => (steps -= amount) >= 0;

    // Of a tool that executes, what is nothing else is part of the command, and a script may be one. What a search of the web is asked are words: no database runs them.
    private FieldRoles RolesOf(in Field field)
    {
        var roles = field.Roles == FieldRoles.None ? FieldRoles.Other : field.Roles;
        if ((roles & FieldRoles.Sql) != 0 && (tools & (ToolClasses.Search | ToolClasses.Http | ToolClasses.Sql)) == (ToolClasses.Search | ToolClasses.Http))
            return FieldRoles.Prose;
        return tools.Has(ToolClasses.Exec) && (roles & (FieldRoles.Other | FieldRoles.Code)) != 0 ? roles | FieldRoles.Command : roles;
    }

    /// <summary>A pattern matched these bytes of the buffer; its rule's tests decide.</summary>
    /// <param name="pattern">Which.</param>
    /// <param name="start">First byte.</param>
    /// <param name="end">Behind the last.</param>
    /// <param name="anyField">A parser chose the field; the rule's list of roles does not.</param>
    /// <param name="anyTool">A command says by itself what it does.</param>
    public void Accept(int pattern, int start, int end, bool anyField = false, bool anyTool = false)
    {
        var rule = rules.Patterns[pattern].Rule;
        var field = Buffer.FieldAt(end - 1);
        ref var where = ref Buffer[field];
        start = Math.Max(start, where.Start);
        end = Math.Min(end, where.End);
        // A joined view adds only what no single field holds.
        if (where.Via == Decoding.Joined && end <= Joined.At(start).End)
            return;
        if (end <= start || (!anyField && rule.Rule.Fields != FieldRoles.None && (RolesOf(where) & rule.Rule.Fields) == 0))
            return;
        if (!anyTool && place == Place.Arguments && rule.Rule.Tools != ToolClasses.None && (tools & rule.Rule.Tools) == 0)
            return;
        var match = Buffer.Text[start..end];
        if (!Passes(rule.Validators, match) || !Passes(rules.Patterns[pattern].Validators, match))
            return;
        if (rule.IsExcluded(match, ref steps))
            return;
        if (rule.Condition is not null)
            foundOf[rule.Index] |= 1UL << rules.Patterns[pattern].Number;
        if (hits.Count >= ScanBudget.MaxHits || !Spend(ScanBudget.StepsPerHit))
            steps = -1;
        else
            hits.Add(new Hit(pattern, field, start, end));
    }

    private static bool Passes(Validator[] validators, ReadOnlySpan<byte> match)
    {
        foreach (var validator in validators)
            if (!validator.Accepts(match))
                return false;
        return true;
    }

    // By value, so that the prefilter is compiled for it alone.
    private readonly struct Sink(ScanSession session) : ICandidateSink
    {
        public bool Candidate(int lookout, int rank, int gate, int at) => session.Candidate(lookout, rank, gate, at);

        public void Mark(ReadOnlySpan<ulong> groups, int at) => session.marks.Set(groups, at);
    }
}
