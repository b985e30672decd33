using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Matching;

/// <summary>A pattern of text: its alternatives, and its tree once one of them is needed.</summary>
/// <remarks>
/// A pattern says the same in every rule set, so that sets in use at one time share it: a reload compiles what changed, and what did not keeps the
/// automata that traffic has built.
/// </remarks>
internal sealed class TextPattern
{
    private static readonly Lock Guard = new();
    private static readonly Dictionary<string, WeakReference<TextPattern>>[] Known = [[], [], [], [], [], []];
    private static int pruneAt = 4096;
    private static int count;

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

    /// <param name="type">How it is written: as a regex, or as text or words to look for.</param>
    /// <param name="text">The pattern as written.</param>
    /// <param name="isFolded">For the folded view.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="anchors">Its alternatives' anchors, where they were found beforehand: finding them takes ten times as long as all the rest.</param>
    /// <exception cref="PatternException">It cannot be read, or is too large.</exception>
    public static TextPattern Of(PatternType type, string text, bool isFolded, Func<RegexNode> read, Anchor[]? anchors = null)
    {
        var known = Known[2 * (int)type + (isFolded ? 1 : 0)];
        lock (Guard)
        {
            if (known.TryGetValue(text, out var reference) && reference.TryGetTarget(out var found))
                return found;
        }
        var made = new TextPattern(read, anchors);
        lock (Guard)
        {
            count += known.ContainsKey(text) ? 0 : 1;
            known[text] = new WeakReference<TextPattern>(made);
            if (count >= pruneAt)
                Prune();
        }
        return made;
    }

    // Patterns of rule sets that are gone.
    private static void Prune()
    {
        foreach (var known in Known)
            foreach (var (text, reference) in known)
                if (!reference.TryGetTarget(out _) && known.Remove(text))
                    count--;
        pruneAt = Math.Max(4096, 2 * count);
    }
}
