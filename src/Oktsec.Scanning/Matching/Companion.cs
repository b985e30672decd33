namespace Oktsec.Scanning.Matching;

/// <summary>
/// What else must stand near a branch's anchor, on the other side of a wide gap (<c>ignore .{0,80} instructions</c>). Looking for its grams in a bitmap
/// costs 2 ns; running the branch's automaton through the gap costs a hundred, most anchors are ordinary words, and an automaton that counts through a
/// gap while it looks for words has more states than can be kept.
/// </summary>
/// <param name="From">The part of the pattern on the other side: its first item,</param>
/// <param name="To">and the one behind its last.</param>
/// <param name="Grams">One of them stands in every match of it.</param>
/// <param name="Before">It begins at most so many bytes before the anchor,</param>
/// <param name="After">or so many behind its start.</param>
/// <param name="Expected">How often one is to be expected in that window of ordinary text, at most 1.</param>
internal sealed record Companion(int From, int To, Gram[] Grams, int Before, int After, double Expected)
{
    // Below that an automaton is through the gap as fast.
    private const int WideGap = 8;

    // A companion that is expected within its window anyway tells nothing.
    private const double MaxExpected = 0.6;

    // Further away is not near, and its window would take longer to look through than to read.
    private const int MaxWindow = 4096;

    /// <summary>The rarest one; null when there is none worth looking for.</summary>
    /// <param name="items">The branch's items.</param>
    /// <param name="anchor">Index of the item its anchor begins with.</param>
    /// <param name="literals">The pattern's.</param>
    public static Companion? Of(List<RegexNode> items, int anchor, Literals literals)
    {
        Companion? best = null;
        var expected = MaxExpected;
        for (var from = 0; from < items.Count;)
        {
            var to = from;
            while (to < items.Count && !IsWideGap(items[to]))
                to++;
            var isAnchors = from <= anchor && anchor < to;
            if (!isAnchors && literals.Find(items.GetRange(from, to - from), out var item, out var cost) is { Length: > 0 } grams)
            {
                // From the words themselves on: what stands before them may be of any length.
                var first = from + item;
                var window = to <= anchor ? Width(items, first, anchor) : Width(items, anchor, to);
                if (window <= MaxWindow && cost * window < expected)
                {
                    expected = cost * window;
                    best = new Companion(first, to, grams, to <= anchor ? (int)window : 0, to <= anchor ? 0 : (int)window, expected);
                }
            }
            from = to + 1;
        }
        return best;
    }

    /// <summary>Bytes of a match, as far as automata read on: <see cref="MaxWindow"/> at most.</summary>
    public static int Length(List<RegexNode> items)
    {
        var length = 0L;
        foreach (var item in items)
            length += item is RegexNode.Repeat { Body: RegexNode.Set } gap ? (gap.Max < 0 ? MaxWindow : gap.Max) : Width(item);
        return (int)Math.Min(MaxWindow, length);
    }

    public static bool IsWideGap(RegexNode node) => node is RegexNode.Repeat { Max: < 0 or >= WideGap, Min: 0, Body: RegexNode.Set };

    /// <summary>Bytes at most; above the largest window when there is no bound, or none below it.</summary>
    public static long Width(IReadOnlyList<RegexNode> items, int from, int to)
    {
        var width = 0L;
        for (var i = from; i < to && width <= MaxWindow; i++)
            width += Width(items[i]);
        return width;
    }

    private static long Widest(IReadOnlyList<RegexNode> branches)
    {
        var width = 0L;
        for (var i = 0; i < branches.Count && width <= MaxWindow; i++)
            width = Math.Max(width, Width(branches[i]));
        return width;
    }

    private static long Width(RegexNode node) => node switch
    {
        RegexNode.Set set => set.Chars.Count == 0 || set.Chars.High(set.Chars.Count - 1) < 0x80 ? 1 : 4,
        RegexNode.Concat concat => Width(concat.Items, 0, concat.Items.Count),
        RegexNode.Alternate alternate => Widest(alternate.Branches),
        RegexNode.Repeat { Max: < 0 } => MaxWindow + 1,
        RegexNode.Repeat repeat => Math.Min(MaxWindow + 1, repeat.Max * Width(repeat.Body)),
        RegexNode.Group group => Width(group.Body),
        _ => 0,
    };
}
