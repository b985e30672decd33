using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Parsers;

namespace Oktsec.Scanning.Rules;

/// <summary>The rules of one place, indexed for the scan.</summary>
internal sealed class PlaceRules(
    IReadOnlyList<CompiledPattern> patterns, IReadOnlyList<Branch> raw, IReadOnlyList<Branch> folded, DetectorRule[] detectors, FactRule[][] facts, DefinitionRule[] definitions)
{
    public GramIndex Raw { get; } = new(raw, patterns);

    public GramIndex Folded { get; } = new(folded, patterns);

    public DetectorRule[] Detectors { get; } = detectors;

    public DefinitionRule[] Definitions { get; } = definitions;

    /// <summary>By language.</summary>
    public FactIndex[] Facts { get; } = [.. facts.Select(rules => new FactIndex(rules))];

    public bool HasFacts { get; } = Array.Exists(facts, rules => rules.Length > 0);
}
