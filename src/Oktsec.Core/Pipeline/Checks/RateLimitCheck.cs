using Oktsec.Core.Policy;

namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Denies requests beyond <c>rate_limit.per_agent</c> in a sliding window.</summary>
/// <remarks>The key is the principal, never the session. Names that no policy knows share one bucket: a caller cannot choose its limit.</remarks>
internal sealed class RateLimitCheck(RateWindows windows) : ICheck
{
    public string Name => "rate_limit";

    public CheckResult Evaluate(CallContext call)
    {
        var limit = call.Policies.Config.RateLimit;
        if (limit.PerAgent <= 0 || !call.IsRequest || call.Method == "ping")
            return CheckResult.Continue;
        var wait = windows.TryTake(call.Policy?.LimitKey ?? AgentPolicy.UnnamedKey, limit.PerAgent, limit.Window, call.Timestamp);
        return wait == 0 ? CheckResult.Continue : CheckResult.Deny(DenyReason.RateLimited, $"retry in {wait} s", wait);
    }
}
