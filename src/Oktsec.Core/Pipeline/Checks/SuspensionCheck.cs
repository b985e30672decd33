namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Denies an agent that the operator suspended.</summary>
internal sealed class SuspensionCheck : ICheck
{
    public string Name => "suspension";

    public CheckResult Evaluate(CallContext call) =>
        call.Policy is { IsSuspended: true } ? CheckResult.Deny(DenyReason.AgentSuspended) : CheckResult.Continue;
}
