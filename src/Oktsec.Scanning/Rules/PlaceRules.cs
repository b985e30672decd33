using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Validators;

namespace Oktsec.Scanning.Rules;

/// <summary>The rules of one place, indexed for the scan.</summary>
internal sealed class PlaceRules(IReadOnlyList<Branch> raw, IReadOnlyList<Branch> folded, IReadOnlyList<(int Pattern, Detector Detector)> detectors)
{
    public GramIndex Raw { get; } = new(raw);

    public GramIndex Folded { get; } = new(folded);

    public (int Pattern, Detector Detector)[] Detectors { get; } = [.. detectors];
}
