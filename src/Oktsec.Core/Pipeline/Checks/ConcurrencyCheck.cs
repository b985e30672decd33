using Oktsec.Core.Policy;

namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Denies a call while <c>max_concurrent_calls</c> of the same agent are under way.</summary>
/// <remarks>The key is the one of the rate limit: names that no policy knows share one gate.</remarks>
internal sealed class ConcurrencyCheck(ConcurrencyGate gate) : ICheck
{
    public string Name => "concurrency";

    public CheckResult Evaluate(CallContext call)
    {
        if (!call.IsRequest || call.Target.Kind == TargetKind.None)
            return CheckResult.Continue;
        if (call.Policy is not { } policy)
            return CheckResult.Deny(DenyReason.AgentUnknown);
        var limit = policy.MaxConcurrentCalls;
        return gate.TryEnter(policy.LimitKey, limit) is { } lease
            ? CheckResult.ContinueHolding(lease)
            : CheckResult.Deny(DenyReason.ConcurrencyExceeded, $"{limit} calls are under way; wait for one to end", retryAfterSeconds: 1);
    }
}
