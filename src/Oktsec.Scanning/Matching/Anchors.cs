namespace Oktsec.Scanning.Matching;

/// <summary>Divides a pattern into alternatives, each with the anchor that suits it.</summary>
internal static class Anchors
{
    // Steps per byte: a hundred such branches cost as much as reading the text once.
    private const double Affordable = 0.05;

    // Each alternative becomes a branch with automata of its own.
    private const int MaxAlternatives = 24;

    public static List<Anchor> Of(RegexNode tree)
    {
        var found = new List<Anchor>();
        Collect(tree, [], new Literals(), found);
        return found;
    }

    /// <summary>The alternative at the end of a path: numbers of alternatives, and -1-n for the n-th item followed by the number of the item's alternative.</summary>
    public static RegexNode Follow(RegexNode tree, int[] path)
    {
        for (var i = 0; i < path.Length; i++)
            tree = path[i] >= 0 ? ((RegexNode.Alternate)tree).Branches[path[i]] : Choose(Items(tree), -1 - path[i], path[++i]);
        return tree;
    }

    /// <summary>What a pattern is a sequence of.</summary>
    public static List<RegexNode> Items(RegexNode tree)
    {
        var items = new List<RegexNode>();
        Flatten(tree, items);
        return items;
    }

    private static void Collect(RegexNode tree, int[] path, Literals literals, List<Anchor> found)
    {
        if (tree is RegexNode.Alternate alternate)
        {
            for (var i = 0; i < alternate.Branches.Count; i++)
                Collect(alternate.Branches[i], [.. path, i], literals, found);
            return;
        }
        var items = Items(tree);
        var whole = Find(items, path, literals);
        var expected = whole.ExpectedSteps(items);
        // One alternative without a good anchor spoils that of the others: each for itself finds a better one.
        for (var i = 0; i < items.Count && expected > Affordable; i++)
        {
            if (Unwrap(items[i]) is not RegexNode.Alternate { Branches.Count: <= MaxAlternatives } choice)
                continue;
            var parts = new List<Anchor>();
            var sum = 0.0;
            for (var n = 0; n < choice.Branches.Count && sum <= expected / 2; n++)
            {
                var part = Items(Choose(items, i, n));
                parts.Add(Find(part, [.. path, -1 - i, n], literals));
                sum += parts[^1].ExpectedSteps(part);
            }
            if (sum > expected / 2)
                continue;
            found.AddRange(parts);
            return;
        }
        found.Add(whole);
    }

    private static Anchor Find(List<RegexNode> items, int[] path, Literals literals)
    {
        var grams = literals.Find(items, out var item, out var cost);
        var isAtStart = items.Count > 0 && items[0] is RegexNode.Assert { Kind: Assertion.TextStart };
        return new Anchor(path, item, grams, cost, isAtStart, grams.Length > 0 ? Companion.Of(items, item, literals) : null,
            (int)Companion.Width(items, 0, items.Count), (int)Companion.Width(items, 0, item), items.Exists(part => part is RegexNode.Group { Name: "secret" }));
    }

    private static RegexNode Choose(List<RegexNode> items, int item, int alternative) =>
        new RegexNode.Concat([.. items[..item], ((RegexNode.Alternate)Unwrap(items[item])).Branches[alternative], .. items[(item + 1)..]]);

    private static RegexNode Unwrap(RegexNode node) => node is RegexNode.Group { Name: not "secret" } group ? Unwrap(group.Body) : node;

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
