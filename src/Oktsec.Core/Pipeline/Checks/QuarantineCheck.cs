namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Denies content whose verdict is quarantine; the door holds it for a person. With <c>quarantine.enabled: false</c> it is blocked.</summary>
internal sealed class QuarantineCheck : ICheck
{
    public string Name => "quarantine";

    public CheckResult Evaluate(CallContext call) =>
        call.Findings.Count == 0 || Verdicts.Of(call.Findings) != Verdict.Quarantine ? CheckResult.Continue
        : CheckResult.Deny(call.Policies.Config.Quarantine.Enabled ? DenyReason.ContentQuarantined : DenyReason.ContentBlocked);
}
