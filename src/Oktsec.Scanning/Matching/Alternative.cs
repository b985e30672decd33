namespace Oktsec.Scanning.Matching;

/// <summary>
/// One alternative of a pattern, ready to run: the grams that betray it, an automaton for what follows the anchor and one for what stands before
/// it. Automata are built when first needed; most never are. Rule sets that have a pattern in common share them.
/// </summary>
internal sealed class Alternative
{
    private readonly Anchor anchor;
    private readonly TextPattern pattern;
    private Parts? parts;
    private Reach reach;

    private LazyDfa? near;
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

    /// <param name="pattern">What this is an alternative of.</param>
    /// <param name="anchor">How it is found.</param>
    public Alternative(TextPattern pattern, Anchor anchor)
    {
        (this.pattern, this.anchor) = (pattern, anchor);
    }

    /// <summary>How it is found.</summary>
    public Anchor Anchor => anchor;

    public Gram[] Grams => anchor.Grams;

    public Companion? Companion => anchor.Companion;

    public bool IsAtStart => anchor.IsAtStart;

    public double ExpectedSteps => anchor.ExpectedSteps(Body.Items);

    public RegexNode Tree => Body.Tree;

    private Parts Body => parts ?? Divide();

    /// <summary>The match that begins at <paramref name="at"/>.</summary>
    public bool TryMatchFrom(ReadOnlySpan<byte> text, int at, ref long steps, out int end) => (end = Whole.Forward(text, at, ref steps)) >= 0;

    private LazyDfa Tail => tail ??= Forward(Body.Anchor, Body.Items.Count, Body.IsShortest);

    private LazyDfa Head => head ??= Backward(0, Body.Anchor, isShortest: false);

    private LazyDfa Whole => whole ??= Forward(0, Body.Items.Count, Body.IsShortest);

    private LazyDfa Reversed => reversed ??= Backward(0, Body.Items.Count, isShortest: false);

    private LazyDfa Anywhere => anywhere ??= new LazyDfa(Nfa.Compile(Body.Tree), isAnchored: false, isShortest: true);

    private LazyDfa BeforeSecret => beforeSecret ??= Forward(0, Body.Secret, isShortest: false);

    private LazyDfa FromSecret => fromSecret ??= Forward(Body.Secret, Body.Items.Count, Body.IsShortest);

    private LazyDfa AfterSecret => afterSecret ??= Backward(Body.Secret + 1, Body.Items.Count, isShortest: false);

    private LazyDfa PartTail => partTail ??= Forward(Body.Anchor, Body.PartEnd, isShortest: true);

    private LazyDfa PartHead => partHead ??= Backward(Body.PartStart, Body.Anchor, isShortest: true);

    private LazyDfa Near => near ??= new LazyDfa(Nfa.Compile(Body.Join(Companion!.From, Companion.To)), isAnchored: false, isShortest: true);

    private LazyDfa Forward(int from, int to, bool isShortest) => new(Nfa.Compile(Body.Join(from, to)), isAnchored: true, isShortest);

    private LazyDfa Backward(int from, int to, bool isShortest) => new(Nfa.Compile(Body.Join(from, to).Reverse()), isAnchored: true, isShortest);

    /// <summary>Whether the companion, if there is one, stands near an anchor at <paramref name="at"/>, in [from, to).</summary>
    public bool HasCompanion(ReadOnlySpan<byte> text, int at, int from, int to, ref long steps) =>
        Companion is not { } companion || Near.Search(text, Math.Max(from, at - companion.Before), Math.Min(to, at + companion.After + 1), ref steps) >= 0;

    /// <summary>
    /// False when what stands around an anchor, as far as the next wide gaps, is no part of a match. Most anchors end here: the automata for these parts
    /// are small and soon dead, while one that counts through a gap reads all of it.
    /// </summary>
    public bool MayMatchAt(ReadOnlySpan<byte> text, int at, ref long steps)
    {
        if (reach == Reach.Unknown)
            Divide();
        return reach == Reach.Whole || (PartTail.Forward(text, at, ref steps) >= 0 && (reach == Reach.Tail || PartHead.Backward(text, at, ref steps) >= 0));
    }

    /// <summary>The match around an anchor that may stand at <paramref name="at"/>.</summary>
    public bool TryMatchAt(ReadOnlySpan<byte> text, int at, ref long steps, out int start, out int end)
    {
        start = at;
        end = Tail.Forward(text, at, ref steps);
        if (end < 0)
            return false;
        if (Body.Anchor > 0)
            start = Head.Backward(text, at, ref steps);
        return start >= 0;
    }

    /// <summary>Whether there is a match in [from, to).</summary>
    public bool IsIn(ReadOnlySpan<byte> text, int from, int to, ref long steps) => Anywhere.Search(text, from, to, ref steps) >= 0;

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
        if (Body.Secret < 0)
            return;
        // A key and its punctuation are short; beyond 64 possible ends the whole match is reported, which hides more, not less.
        Span<int> ends = stackalloc int[64];
        var count = BeforeSecret.Ends(text, start, end, ends, ref steps);
        for (var i = count - 1; i >= 0; i--)
        {
            if (FromSecret.Forward(text, ends[i], ref steps) != end)
                continue;
            start = ends[i];
            if (Body.Secret + 1 < Body.Items.Count && AfterSecret.Backward(text, end, ref steps) is var to && to > start)
                end = to;
            return;
        }
    }

    private Parts Divide()
    {
        parts = new Parts(Anchors.Follow(pattern.Tree, anchor.Path), anchor.Item);
        reach = parts.PartStart == 0 && parts.PartEnd == parts.Items.Count ? Reach.Whole : parts.PartStart == parts.Anchor ? Reach.Tail : Reach.Both;
        return parts;
    }

    /// <summary>What stands around the anchor up to the next wide gaps: all of the match, something behind the anchor's beginning, or on both sides.</summary>
    private enum Reach : byte
    {
        Unknown,
        Whole,
        Tail,
        Both,
    }

    /// <summary>The pattern itself, read when its anchor is first met in text: most never are.</summary>
    private sealed class Parts
    {
        public readonly RegexNode Tree;
        public readonly List<RegexNode> Items;
        public readonly int Anchor;
        public readonly bool IsShortest;

        /// <summary>The item that is the group named secret, or -1.</summary>
        public readonly int Secret;

        /// <summary>The items around the anchor up to the next wide gaps.</summary>
        public readonly int PartStart;
        public readonly int PartEnd;

        public Parts(RegexNode tree, int anchor)
        {
            (Tree, Items, Anchor) = (tree, Anchors.Items(tree), anchor);
            IsShortest = tree.HasLazy();
            Secret = Items.FindLastIndex(item => item is RegexNode.Group { Name: "secret" });
            (PartStart, PartEnd) = (anchor, anchor);
            while (PartStart > 0 && !Companion.IsWideGap(Items[PartStart - 1]))
                PartStart--;
            while (PartEnd < Items.Count && !Companion.IsWideGap(Items[PartEnd]))
                PartEnd++;
        }

        public RegexNode Join(int from, int to) => new RegexNode.Concat(Items.GetRange(from, to - from));
    }
}
