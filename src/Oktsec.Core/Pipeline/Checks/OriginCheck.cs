namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Denies a browser page that is not ours and a Host that does not name us (DNS rebinding).</summary>
internal sealed class OriginCheck : ICheck
{
    public string Name => "origin";

    public CheckResult Evaluate(CallContext call) =>
        call.Http is not { } http ? CheckResult.Continue
        : !http.IsHostAllowed ? CheckResult.Deny(DenyReason.OriginDenied, "the Host header does not name this gateway; add it to gateway.allowed_hosts")
        : !http.IsOriginAllowed ? CheckResult.Deny(DenyReason.OriginDenied, "the Origin header is not allowed; add it to gateway.allowed_origins")
        : CheckResult.Continue;
}
