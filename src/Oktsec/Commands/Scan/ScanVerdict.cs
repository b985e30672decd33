using Oktsec.Scanning;

namespace Oktsec.Commands.Scan;

/// <summary>What a scan's findings amount to.</summary>
internal static class ScanVerdict
{
    /// <summary>Stands for a rule where the step budget ended before the content did.</summary>
    public const string BudgetRule = "scan_budget_exceeded";

    /// <summary>The strongest action; content that was not read to its end counts as quarantined.</summary>
    public static RuleAction Strongest(ScanResult result)
    {
        var strongest = result.IsBudgetExhausted ? RuleAction.Quarantine : RuleAction.Log;
        foreach (var finding in result.Findings)
            if (finding.Action > strongest)
                strongest = finding.Action;
        return strongest;
    }

    /// <summary>What redacts or strips delivers, and is flagged.</summary>
    public static string Of(ScanResult result) => Strongest(result) switch
    {
        RuleAction.Block => "block",
        RuleAction.Quarantine => "quarantine",
        RuleAction.Log => "allow",
        _ => "flag",
    };

    /// <summary>Something was found: flagged or more. What is only recorded is not.</summary>
    public static bool IsFound(ScanResult result) => Strongest(result) > RuleAction.Log;
}
