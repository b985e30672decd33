using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Matching;

/// <summary>Anchors of built-in patterns that were found beforehand.</summary>
internal sealed class KnownAnchors
{
    private readonly Dictionary<object, Anchor[]> byPattern = new(ReferenceEqualityComparer.Instance);

    public void Add(RulePattern pattern, Anchor[] anchors) => byPattern.Add(pattern, anchors);

    /// <summary>Null when they must be looked for.</summary>
    public Anchor[]? Of(RulePattern pattern) => byPattern.GetValueOrDefault(pattern);
}
