using Oktsec.Core.Policy;
using Oktsec.Scanning;

namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Applies the operator's <c>rules:</c> to the findings. The only thing that may lower or drop one; content never can.</summary>
internal sealed class RuleOverrideCheck : ICheck
{
    public string Name => "rule_overrides";

    public CheckResult Evaluate(CallContext call)
    {
        if (call.Findings.Count == 0 || !call.Policies.HasOverrides)
            return CheckResult.Continue;
        var kept = new List<JudgedFinding>(call.Findings.Count);
        foreach (var finding in call.Findings)
        {
            if (Judge(call, finding) is { } judged)
                kept.Add(judged);
        }
        call.Findings = kept;
        return CheckResult.Continue;
    }

    private static JudgedFinding? Judge(CallContext call, JudgedFinding finding)
    {
        JudgedFinding? judged = finding;
        foreach (var rule in call.Policies.OverridesOf(finding.Finding.RuleId))
        {
            if (!rule.ChangesFindings)
                continue;
            judged = rule.Reaches(call.Target) switch
            {
                Reach.Yes => rule.Apply(judged ?? finding),
                Reach.Doubtful => Stronger(judged, rule.Apply(judged ?? finding)),
                _ => judged,
            };
        }
        return judged;
    }

    // A tool name that a server chose may strengthen what is done about its content, never weaken it.
    private static JudgedFinding? Stronger(JudgedFinding? a, JudgedFinding? b) =>
        a is null ? b
        : b is null ? a
        : a with
        {
            Severity = (Severity)Math.Max((byte)a.Severity, (byte)b.Severity),
            Action = (RuleAction)Math.Max((byte)a.Action, (byte)b.Action),
        };
}
