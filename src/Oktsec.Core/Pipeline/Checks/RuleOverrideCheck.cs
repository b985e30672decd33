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
            if (rule.Exempts(call.Target))
                return null;
            if (judged is not null && rule.AppliesTo(call.Target))
                judged = rule.Apply(judged);
        }
        return judged;
    }
}
