namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Denies what no revision of MCP has, where the operator wants that (<c>unknown_methods: deny</c>). Otherwise it passes, scanned like everything.</summary>
internal sealed class MethodCheck : ICheck
{
    public string Name => "method";

    public CheckResult Evaluate(CallContext call) =>
        call.IsUnknownMethod && call.Policies.Config.DenyUnknownMethods
            ? CheckResult.Deny(DenyReason.ToolNotAllowed, "no method of MCP, and unknown_methods is deny") : CheckResult.Continue;
}
