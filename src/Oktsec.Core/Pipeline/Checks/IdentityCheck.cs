namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Denies who does not prove what has to be proven, and an agent that no policy knows once agents are configured.</summary>
internal sealed class IdentityCheck : ICheck
{
    public string Name => "identity";

    public CheckResult Evaluate(CallContext call) =>
        call.Unproven is not null ? CheckResult.Deny(DenyReason.Unauthenticated, call.Unproven)
        : call.Policy is not null ? CheckResult.Continue
        : CheckResult.Deny(DenyReason.AgentUnknown, call.Principal.IsAnonymous ? "no agent named: send a token, or X-Oktsec-Agent from this machine" : "this agent is not configured");
}
