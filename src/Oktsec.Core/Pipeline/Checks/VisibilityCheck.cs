namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Denies a tool, prompt or resource that the agent's policy does not list, or that nobody offers.</summary>
/// <remarks>The predicate is the one that filters the lists; both denials look the same to the agent.</remarks>
internal sealed class VisibilityCheck : ICheck
{
    public string Name => "visibility";

    public CheckResult Evaluate(CallContext call) =>
        call.Target.Kind == TargetKind.None ? CheckResult.Continue
        : !call.Target.Exists ? CheckResult.Deny(DenyReason.ToolNotAllowed, "no backend offers it")
        : call.Policy is not { } policy ? CheckResult.Deny(DenyReason.AgentUnknown)
        : policy.Allows(call.Target) ? CheckResult.Continue
        : CheckResult.Deny(DenyReason.ToolNotAllowed, "hidden from this agent by policy");
}
