namespace Oktsec.Scanning.Matching;

/// <summary>A pattern of text: its alternatives, and its tree once one of them is needed.</summary>
/// <remarks>
/// A pattern says the same in every rule set, so that sets in use at one time share it: a reload compiles what changed, and what did not keeps the
/// automata that traffic has built.
/// </remarks>
internal sealed class TextPattern
{
    private static readonly Lock Guard = new();
    private static readonly Dictionary<string, WeakReference<TextPattern>> Known = [];
    private static int pruneAt = 4096;

    private readonly Func<RegexNode> read;
    private RegexNode? tree;

    private TextPattern(Func<RegexNode> read, Anchor[]? anchors)
    {
        this.read = read;
        if (anchors is not null)
        {
            Alternatives = Array.ConvertAll(anchors, anchor => new Alternative(this, anchor));
            return;
        }
        Alternatives = [.. Anchors.Of(Tree).Select(anchor => new Alternative(this, anchor))];
        // What is too large is refused at load, never for the first time in a scan.
        foreach (var alternative in Alternatives)
            Nfa.Check(alternative.Tree);
    }

    public Alternative[] Alternatives { get; }

    /// <summary>Read when the anchor of an alternative is first met in text, for most patterns never.</summary>
    public RegexNode Tree => tree ??= read();

    /// <param name="text">The pattern as written, with all else that decides how it is read.</param>
    /// <param name="isFolded">For the folded view.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="anchors">Its alternatives' anchors by key, where they were found beforehand: finding them takes ten times as long as all the rest.</param>
    /// <exception cref="PatternException">It cannot be read, or is too large.</exception>
    public static TextPattern Of(string text, bool isFolded, Func<RegexNode> read, IReadOnlyDictionary<string, Anchor[]>? anchors = null)
    {
        var key = Key(text, isFolded);
        lock (Guard)
        {
            if (Known.TryGetValue(key, out var known) && known.TryGetTarget(out var found))
                return found;
        }
        var made = new TextPattern(read, anchors?.GetValueOrDefault(key));
        lock (Guard)
        {
            Known[key] = new WeakReference<TextPattern>(made);
            if (Known.Count >= pruneAt)
                Prune();
        }
        return made;
    }

    /// <summary>What a pattern is known by.</summary>
    public static string Key(string text, bool isFolded) => (isFolded ? "folded:" : "raw:") + text;

    // Patterns of rule sets that are gone.
    private static void Prune()
    {
        foreach (var (key, reference) in Known)
            if (!reference.TryGetTarget(out _))
                Known.Remove(key);
        pruneAt = Math.Max(4096, 2 * Known.Count);
    }
}
