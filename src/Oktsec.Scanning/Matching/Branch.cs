namespace Oktsec.Scanning.Matching;

/// <summary>
/// One alternative of a pattern, ready to run: the grams that betray it, an automaton for what follows the anchor and one for what stands before
/// it. Automata are built when first needed; most branches never are.
/// </summary>
internal sealed class Branch
{
    // Steps per byte: a hundred such branches cost as much as reading the text once.
    private const double Affordable = 0.05;

    // Each alternative becomes a branch with automata of its own.
    private const int MaxAlternatives = 24;

    private readonly RegexNode tree;
    private readonly List<RegexNode> items = [];
    private readonly int anchor;
    private readonly bool isShortest;
    private readonly int secret;

    // The items around the anchor up to the next wide gaps.
    private readonly int partStart;
    private readonly int partEnd;

    private LazyDfa? partTail;
    private LazyDfa? partHead;
    private LazyDfa? tail;
    private LazyDfa? head;
    private LazyDfa? whole;
    private LazyDfa? reversed;
    private LazyDfa? anywhere;
    private LazyDfa? beforeSecret;
    private LazyDfa? fromSecret;
    private LazyDfa? afterSecret;

    public Branch(int pattern, RegexNode tree)
    {
        Pattern = pattern;
        this.tree = tree;
        Flatten(tree, items);
        isShortest = tree.HasLazy();
        secret = -1;
        for (var i = 0; i < items.Count; i++)
            if (items[i] is RegexNode.Group { Name: "secret" })
                secret = i;
        Grams = Literals.Find(items, out anchor, out var cost);
        Cost = cost;
        Companion = Grams.Length > 0 ? Companion.Of(items, anchor) : null;
        (partStart, partEnd) = (anchor, anchor);
        while (partStart > 0 && !Companion.IsWideGap(items[partStart - 1]))
            partStart--;
        while (partEnd < items.Count && !Companion.IsWideGap(items[partEnd]))
            partEnd++;
    }

    /// <summary>Its place among the rule set's branches.</summary>
    public int Index { get; set; }

    /// <summary>Which pattern this is a part of.</summary>
    public int Pattern { get; }

    /// <summary>The four-byte strings one of which every match holds; empty when there is none, and the branch reads every byte.</summary>
    public Gram[] Grams { get; }

    /// <summary>What stands near the anchor of every match; null when nothing is worth looking for.</summary>
    public Companion? Companion { get; }

    /// <summary>Expected candidates per byte of ordinary text.</summary>
    public double Cost { get; }

    /// <summary>Expected candidates per byte of ordinary text that are looked at closely.</summary>
    public double Candidates => Cost * (Companion?.Expected ?? 1);

    /// <summary>
    /// What the branch costs a byte of ordinary text, in bytes its automata read: how often its anchor is to be expected, times how far they run, unless
    /// its companion is missing. 1 without grams, because then every byte is read.
    /// </summary>
    public double ExpectedSteps => Grams.Length == 0 ? (IsAtStart ? 0 : 1) : Candidates * Companion.Length(items);

    /// <summary>The alternatives of a pattern, each a branch of its own.</summary>
    public static IEnumerable<Branch> Of(int pattern, RegexNode tree)
    {
        if (tree is RegexNode.Alternate alternate)
            return alternate.Branches.SelectMany(branch => Of(pattern, branch));
        var whole = new Branch(pattern, tree);
        if (whole.ExpectedSteps <= Affordable)
            return [whole];
        // One alternative without a good anchor spoils that of the others: each for itself finds a better one.
        for (var i = 0; i < whole.items.Count; i++)
        {
            if (Unwrap(whole.items[i]) is not RegexNode.Alternate { Branches.Count: <= MaxAlternatives } choice)
                continue;
            var parts = choice.Branches.Select(branch => new Branch(pattern, new RegexNode.Concat([.. whole.items[..i], branch, .. whole.items[(i + 1)..]]))).ToList();
            if (parts.Sum(part => part.ExpectedSteps) <= whole.ExpectedSteps / 2)
                return parts;
        }
        return [whole];
    }

    private static RegexNode Unwrap(RegexNode node) => node is RegexNode.Group { Name: not "secret" } group ? Unwrap(group.Body) : node;

    /// <summary>A match begins where a field begins: it is looked for there only.</summary>
    public bool IsAtStart => items.Count > 0 && items[0] is RegexNode.Assert { Kind: Assertion.TextStart };

    /// <summary>The match that begins at <paramref name="at"/>.</summary>
    public bool TryMatchFrom(ReadOnlySpan<byte> text, int at, ref long steps, out int end) => (end = Whole.Forward(text, at, ref steps)) >= 0;

    /// <summary>Compiles all automata, so that what cannot be compiled is known at load.</summary>
    /// <exception cref="PatternException">Too large.</exception>
    public void Compile() => _ = Anywhere;

    private LazyDfa Tail => tail ??= new LazyDfa(Nfa.Compile(Join(anchor, items.Count)), isAnchored: true, isShortest);

    private LazyDfa Head => head ??= new LazyDfa(Nfa.Compile(Join(0, anchor).Reverse()), isAnchored: true, isShortest: false);

    private LazyDfa Whole => whole ??= new LazyDfa(Nfa.Compile(tree), isAnchored: true, isShortest);

    private LazyDfa Reversed => reversed ??= new LazyDfa(Nfa.Compile(tree.Reverse()), isAnchored: true, isShortest: false);

    private LazyDfa Anywhere => anywhere ??= new LazyDfa(Nfa.Compile(tree), isAnchored: false, isShortest: true);

    private LazyDfa BeforeSecret => beforeSecret ??= new LazyDfa(Nfa.Compile(Join(0, secret)), isAnchored: true, isShortest: false);

    private LazyDfa FromSecret => fromSecret ??= new LazyDfa(Nfa.Compile(Join(secret, items.Count)), isAnchored: true, isShortest);

    private LazyDfa AfterSecret => afterSecret ??= new LazyDfa(Nfa.Compile(Join(secret + 1, items.Count).Reverse()), isAnchored: true, isShortest: false);

    private LazyDfa PartTail => partTail ??= new LazyDfa(Nfa.Compile(Join(anchor, partEnd)), isAnchored: true, isShortest: true);

    private LazyDfa PartHead => partHead ??= new LazyDfa(Nfa.Compile(Join(partStart, anchor).Reverse()), isAnchored: true, isShortest: true);

    /// <summary>
    /// False when what stands around an anchor, as far as the next wide gaps, is no part of a match. Most anchors end here: the automata for these parts
    /// are small and soon dead, while one that counts through a gap reads all of it.
    /// </summary>
    public bool MayMatchAt(ReadOnlySpan<byte> text, int at, ref long steps) =>
        (partStart == 0 && partEnd == items.Count)
        || (PartTail.Forward(text, at, ref steps) >= 0 && (partStart == anchor || PartHead.Backward(text, at, ref steps) >= 0));

    /// <summary>The match around an anchor that may stand at <paramref name="at"/>.</summary>
    public bool TryMatchAt(ReadOnlySpan<byte> text, int at, ref long steps, out int start, out int end)
    {
        start = at;
        end = Tail.Forward(text, at, ref steps);
        if (end < 0)
            return false;
        if (anchor > 0)
            start = Head.Backward(text, at, ref steps);
        return start >= 0;
    }

    /// <summary>The first match in [from, to), reading every byte once.</summary>
    public bool TryFind(ReadOnlySpan<byte> text, int from, int to, ref long steps, out int start, out int end)
    {
        start = end = -1;
        var firstEnd = Anywhere.Search(text, from, to, ref steps);
        if (firstEnd < 0)
            return false;
        start = Math.Max(from, Reversed.Backward(text, firstEnd, ref steps));
        end = Math.Max(firstEnd, Whole.Forward(text, start, ref steps));
        return true;
    }

    /// <summary>Narrows a match to the group named <c>secret</c>, if the pattern has one.</summary>
    public void Narrow(ReadOnlySpan<byte> text, ref int start, ref int end, ref long steps)
    {
        if (secret < 0)
            return;
        // A key and its punctuation are short; beyond 64 possible ends the whole match is reported, which hides more, not less.
        Span<int> ends = stackalloc int[64];
        var count = BeforeSecret.Ends(text, start, end, ends, ref steps);
        for (var i = count - 1; i >= 0; i--)
        {
            if (FromSecret.Forward(text, ends[i], ref steps) != end)
                continue;
            start = ends[i];
            if (secret + 1 < items.Count && AfterSecret.Backward(text, end, ref steps) is var to && to > start)
                end = to;
            return;
        }
    }

    private RegexNode Join(int from, int to) => new RegexNode.Concat([.. items.Skip(from).Take(to - from)]);

    private static void Flatten(RegexNode node, List<RegexNode> into)
    {
        switch (node)
        {
            case RegexNode.Concat concat:
                foreach (var item in concat.Items)
                    Flatten(item, into);
                break;
            case RegexNode.Group { Name: not "secret" } group:
                Flatten(group.Body, into);
                break;
            default:
                into.Add(node);
                break;
        }
    }
}
