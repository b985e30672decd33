using Oktsec.Scanning;

namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Finds what is in the content. Denies only when the scan did not come to its end: the rest is unknown, not clean.</summary>
internal sealed class ContentScanCheck : ICheck
{
    public string Name => "content_scan";

    public CheckResult Evaluate(CallContext call)
    {
        if (call.Content.IsEmpty)
            return CheckResult.Continue;
        var result = call.Policies.Scanner.ScanJson(call.Content.Span, call.Place, call.Hints);
        if (result.Findings.Count > 0)
        {
            var judged = new JudgedFinding[result.Findings.Count];
            for (var i = 0; i < judged.Length; i++)
                judged[i] = new(result.Findings[i], result.Findings[i].Severity, ActionOn(result.Findings[i], call.Place));
            call.Findings = judged;
        }
        return result.IsBudgetExhausted && call.Policies.FailsClosed
            ? CheckResult.Deny(DenyReason.CheckFailed, "the scan ran out of budget (scan_budget_exceeded)")
            : CheckResult.Continue;
    }

    // "pa<zero width>th" less the character is "path": a key that was judged as another, and maybe a second one of that name.
    // What only a decoding shows is nothing a screen would show: taking it out would take out the code, image or link that encodes it.
    private static RuleAction ActionOn(Finding finding, Place place) =>
        finding.Action != RuleAction.Strip ? finding.Action
        : place == Place.Arguments && finding.Field.EndsWith('~') ? RuleAction.Quarantine
        : finding.Via is "" or "json" ? RuleAction.Strip
        : RuleAction.Log;
}
