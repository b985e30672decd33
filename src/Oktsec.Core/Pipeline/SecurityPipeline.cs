namespace Oktsec.Core.Pipeline;

/// <summary>Runs an ordered list of checks, stops at the first denial, always returns one <see cref="Decision"/>.</summary>
/// <remarks>Immutable and thread safe. A check that throws or takes longer than <see cref="CheckTimeout"/> denies, unless <c>fail_mode: open</c>.</remarks>
public sealed class SecurityPipeline(IReadOnlyList<ICheck> checks, TimeProvider time)
{
    /// <summary>2 s: more than the scanner's own cap (50 ns per byte, engine.md) allows for the largest result of 32 MiB.</summary>
    public static TimeSpan CheckTimeout { get; } = TimeSpan.FromSeconds(2);

    public IReadOnlyList<ICheck> Checks { get; } = checks;

    /// <summary>Judges one message.</summary>
    public Decision Evaluate(CallContext call)
    {
        List<IDisposable>? leases = null;
        var denial = CheckResult.Continue;
        var deniedBy = "";
        var started = time.GetTimestamp();
        for (var i = 0; i < Checks.Count && !denial.IsDenied; i++)
        {
            var result = Run(Checks[i], call);
            var ended = time.GetTimestamp();
            if (!result.IsDenied && time.GetElapsedTime(started, ended) > CheckTimeout)
                result = Failed(Checks[i], call, result.Lease, "took too long");
            started = ended;
            if (result.Lease is not null)
                (leases ??= new(1)).Add(result.Lease);
            if (result.IsDenied)
                (denial, deniedBy) = (result, Checks[i].Name);
        }
        var decision = new Decision(denial, deniedBy, call.Findings, call.Policies.IsObserving, leases);
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
        catch (Exception e) // Whatever a check throws must deny: lessons.md 19.
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
