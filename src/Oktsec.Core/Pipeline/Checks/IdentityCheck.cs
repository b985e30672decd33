namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Denies an agent that no policy knows, once agents are configured.</summary>
internal sealed class IdentityCheck : ICheck
{
    public string Name => "identity";

    public CheckResult Evaluate(CallContext call) =>
        call.Policy is not null ? CheckResult.Continue
        : CheckResult.Deny(DenyReason.AgentUnknown, call.Principal.IsAnonymous ? "no agent named: send X-Oktsec-Agent" : "this agent is not configured");
}
