namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Denies content whose verdict is block.</summary>
internal sealed class VerdictCheck : ICheck
{
    public string Name => "verdict";

    public CheckResult Evaluate(CallContext call) =>
        call.Findings.Count > 0 && Verdicts.Of(call.Findings) == Verdict.Block
            ? CheckResult.Deny(DenyReason.ContentBlocked)
            : CheckResult.Continue;
}
