namespace Oktsec.Scanning.Matching;

/// <summary>A branch that the prefilter looks out for, and what must be known before its anchor is worth a closer look.</summary>
/// <param name="Branch">The branch.</param>
/// <param name="Gate">What else must stand near its anchor; null when nothing must.</param>
/// <param name="Turn">When its matches are looked for; null when first.</param>
/// <param name="Group">The group of its companion; -1 without one.</param>
internal readonly record struct Lookout(Branch Branch, ConditionGate? Gate, VerifyTurn? Turn, int Group)
{
    public int Rank { get; } = Turn?.Rank ?? 0;
}
