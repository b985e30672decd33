namespace Oktsec.Core.Pipeline;

/// <summary>Runs an ordered list of checks, stops at the first denial, always returns one <see cref="Decision"/>.</summary>
/// <remarks>
/// Immutable and thread safe. A check that throws or takes longer than <see cref="CheckTimeout"/> denies, unless <c>fail_mode: open</c>.
/// In observe mode the first denial is the decision and the list runs on: what is delivered is scanned all the same.
/// </remarks>
public sealed class SecurityPipeline(IReadOnlyList<ICheck> checks, TimeProvider time)
{
    /// <summary>
    /// The last resort, one minute. What a check may do is bounded by its own count of work, the scan's by its steps: at 50 ns per byte the largest result of
    /// 32 MiB takes 1.7 s of a processor, whatever else the machine does. A clock cannot tell hostile content from a machine that had no time for it.
    /// </summary>
    public static TimeSpan CheckTimeout { get; } = TimeSpan.FromMinutes(1);

    public IReadOnlyList<ICheck> Checks { get; } = checks;

    /// <summary>Judges one message.</summary>
    public Decision Evaluate(CallContext call)
    {
        List<IDisposable>? leases = null;
        var denial = CheckResult.Continue;
        var deniedBy = "";
        var isObserved = call.Policies.IsObserving;
        var started = time.GetTimestamp();
        for (var i = 0; i < Checks.Count && (!denial.IsDenied || isObserved); i++)
        {
            var result = Run(Checks[i], call);
            var ended = time.GetTimestamp();
            if (!result.IsDenied && time.GetElapsedTime(started, ended) > CheckTimeout)
                result = Failed(Checks[i], call, result.Lease, "took too long");
            started = ended;
            if (result.Lease is not null)
                (leases ??= new(1)).Add(result.Lease);
            if (!result.IsDenied)
                continue;
            var holds = !DenyReasons.Row(result.Reason).IsObservable;
            if (!denial.IsDenied || holds)
                (denial, deniedBy) = (result, Checks[i].Name);
            isObserved = isObserved && !holds;
        }
        var decision = new Decision(denial, deniedBy, call.Findings, isObserved, leases, call.Content);
        if (!decision.IsAllowed)
            decision.Dispose();
        return decision;
    }

    private static CheckResult Run(ICheck check, CallContext call)
    {
        try
        {
            return check.Evaluate(call);
        }
        catch (Exception e) // Whatever a check throws must deny: an attacker who can make one throw would have switched it off.
        {
            return Failed(check, call, null, $"failed ({e.GetType().Name})");
        }
    }

    private static CheckResult Failed(ICheck check, CallContext call, IDisposable? lease, string how)
    {
        if (!call.Policies.FailsClosed)
            return lease is null ? CheckResult.Continue : CheckResult.ContinueHolding(lease);
        lease?.Dispose();
        return CheckResult.Deny(DenyReason.CheckFailed, $"check {check.Name} {how}");
    }
}
