namespace Oktsec.Scanning;

/// <summary>What a scan found, and whether it came to its end.</summary>
/// <param name="Findings">All findings, deduplicated per (rule, span), in order of their position.</param>
/// <param name="IsBudgetExhausted">The step budget ended before the input: the caller must not treat the rest as clean.</param>
public sealed record ScanResult(IReadOnlyList<Finding> Findings, bool IsBudgetExhausted)
{
    /// <summary>Nothing found; shared, so a clean scan allocates nothing.</summary>
    public static ScanResult Clean { get; } = new([], false);

    public bool IsClean => Findings.Count == 0 && !IsBudgetExhausted;
}
