namespace Oktsec.Scanning.Matching;

/// <summary>How one alternative of a pattern is found in text, without its automata: all that the prefilter needs.</summary>
/// <param name="Path">Which alternative (<see cref="Anchors.Follow"/>).</param>
/// <param name="Item">The item, of the alternative's, that the anchor begins with.</param>
/// <param name="Grams">The four-byte strings one of which every match holds; empty when there is none, and the branch reads every byte.</param>
/// <param name="Cost">Expected candidates per byte of ordinary text.</param>
/// <param name="IsAtStart">A match begins where a field begins: it is looked for there only.</param>
/// <param name="Companion">What stands near the anchor of every match; null when nothing is worth looking for.</param>
/// <param name="MaxLength">Bytes of a match at most; above the widest window when there is no bound.</param>
/// <param name="MaxLengthBefore">Bytes of a match in front of the anchor, at most.</param>
/// <param name="HasSecret">A match is narrowed to a part of it.</param>
internal sealed record Anchor(int[] Path, int Item, Gram[] Grams, double Cost, bool IsAtStart, Companion? Companion, int MaxLength, int MaxLengthBefore, bool HasSecret)
{
    /// <summary>Expected candidates per byte of ordinary text that are looked at closely.</summary>
    public double Candidates => Cost * (Companion?.Expected ?? 1);

    /// <summary>
    /// What the branch costs a byte of ordinary text, in bytes its automata read: how often its anchor is to be expected, times how far they run, unless
    /// its companion is missing. 1 without grams, because then every byte is read.
    /// </summary>
    /// <param name="items">The alternative's items.</param>
    public double ExpectedSteps(List<RegexNode> items) => Grams.Length == 0 ? (IsAtStart ? 0 : 1) : Candidates * Companion.Length(items);
}
