using Oktsec.Core.Audit;
using Oktsec.Core.Pipeline;
using Oktsec.Scanning;

namespace Oktsec.Core.Tests.Pipeline;

/// <summary>The runner with checks made for the test; the real lists are in PipelineOrderTests and FailClosedTests.</summary>
public sealed class SecurityPipelineTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _ran = [];

    [Fact]
    public void Evaluate_NothingDenies_RunsAllInOrderAndAllows()
    {
        using var decision = Run(Make.Call(), Says("a"), Says("b"), Says("c"));

        Assert.Equal(["a", "b", "c"], _ran);
        Assert.Equal((DenyReason.None, "", true), (decision.Reason, decision.Check, decision.IsAllowed));
    }

    [Fact]
    public void Evaluate_NoChecks_Allows() => Assert.True(Run(Make.Call()).IsAllowed);

    [Fact]
    public void Evaluate_FirstDenial_EndsTheList()
    {
        using var decision = Run(Make.Call(), Says("a"), Says("b", CheckResult.Deny(DenyReason.RateLimited, "retry in 7 s", 7)), Says("c", CheckResult.Deny(DenyReason.ContentBlocked)));

        Assert.Equal(["a", "b"], _ran);
        Assert.Equal((DenyReason.RateLimited, "b", "retry in 7 s", 7, false), (decision.Reason, decision.Check, decision.Detail, decision.RetryAfterSeconds, decision.IsAllowed));
    }

    [Fact]
    public void Evaluate_Observing_FirstDenialIsTheDecisionAndTheRestRunsToo()
    {
        var call = Make.Call(Make.Policies(isObserving: true));
        using var decision = Run(call, Says("a", CheckResult.Deny(DenyReason.ToolNotAllowed, "hidden")), Finds("b", RuleAction.Block), Says("c", CheckResult.Deny(DenyReason.ContentBlocked)));

        Assert.Equal(["a", "b", "c"], _ran);
        Assert.Equal((DenyReason.ToolNotAllowed, "a", "hidden", true), (decision.Reason, decision.Check, decision.Detail, decision.IsAllowed));
        Assert.Equal(("would_block:tool_not_allowed", AuditStatus.Delivered), (decision.Word, decision.Status));
        Assert.Single(decision.RecordedFindings);
    }

    // A page of a foreign origin is stopped in observe mode too, and nothing of it is looked at.
    [Fact]
    public void Evaluate_ObservingForeignOrigin_IsDenied()
    {
        var call = Make.Call(Make.Policies(isObserving: true));
        using var decision = Run(call, Says("a", CheckResult.Deny(DenyReason.OriginDenied)), Says("b"));

        Assert.Equal(["a"], _ran);
        Assert.Equal((false, "origin_denied", AuditStatus.Rejected), (decision.IsAllowed, decision.Word, decision.Status));
    }

    [Fact]
    public void Evaluate_ObservingForeignOriginAfterAnotherDenial_IsDeniedAllTheSame()
    {
        var call = Make.Call(Make.Policies(isObserving: true));
        using var decision = Run(call, Says("a", CheckResult.Deny(DenyReason.MessageMalformed)), Says("b", CheckResult.Deny(DenyReason.OriginDenied)), Says("c"));

        Assert.Equal(["a", "b"], _ran);
        Assert.Equal((false, "origin_denied", "b"), (decision.IsAllowed, decision.Word, decision.Check));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Evaluate_AllowedCall_KeepsItsLeasesUntilDisposed(bool isObserving)
    {
        Counted lease = new();
        var decision = Run(Make.Call(Make.Policies(isObserving: isObserving)), Holds(lease), Says("b"));

        Assert.Equal(0, lease.Disposals);
        decision.Dispose();
        decision.Dispose();
        Assert.Equal(1, lease.Disposals);
    }

    [Fact]
    public void Evaluate_DeniedCall_GivesItsLeasesBackAtOnceAndOnce()
    {
        Counted[] leases = [new(), new()];
        var decision = Run(Make.Call(), Holds(leases[0]), Holds(leases[1]), Says("c", CheckResult.Deny(DenyReason.ContentBlocked)));

        Assert.All(leases, lease => Assert.Equal(1, lease.Disposals));
        decision.Dispose();
        Assert.All(leases, lease => Assert.Equal(1, lease.Disposals));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Evaluate_ObservedDenial_KeepsLeasesTakenBeforeAndAfter(int denyAt)
    {
        Counted[] leases = [new(), new()];
        List<ICheck> checks = [Holds(leases[0]), Holds(leases[1])];
        checks.Insert(denyAt, Says("deny", CheckResult.Deny(DenyReason.RateLimited)));
        var decision = Run(Make.Call(Make.Policies(isObserving: true)), [.. checks]);

        Assert.All(leases, lease => Assert.Equal(0, lease.Disposals));
        decision.Dispose();
        Assert.All(leases, lease => Assert.Equal(1, lease.Disposals));
    }

    [Theory]
    [InlineData(false, false, 1)] // enforce, closed: denied, given back at once
    [InlineData(true, false, 1)]  // observe, closed: would have been given back, and was
    [InlineData(false, true, 0)]  // open: the call goes on holding it
    public void Evaluate_SlowCheckHoldingALease_GivesItBackExactlyOnce(bool isObserving, bool failsOpen, int atOnce)
    {
        Counted lease = new();
        var policies = Make.Policies(Make.Config() with { FailClosed = !failsOpen }, isObserving);
        var decision = Run(Make.Call(policies), new Check("slow", _ => { _time.Advance(SecurityPipeline.CheckTimeout + TimeSpan.FromTicks(1)); return CheckResult.ContinueHolding(lease); }));

        Assert.Equal(atOnce, lease.Disposals);
        decision.Dispose();
        Assert.Equal(1, lease.Disposals);
    }

    [Fact]
    public void Evaluate_CheckThatThrows_DeniesWithoutItsMessage()
    {
        using var decision = Run(Make.Call(), new Check("broken", _ => throw new InvalidOperationException("s3cr3t")), Says("b"));

        Assert.Equal((DenyReason.CheckFailed, "broken", "check broken failed (InvalidOperationException)"), (decision.Reason, decision.Check, decision.Detail));
        Assert.Empty(_ran);
    }

    // Checks know no cancellation; one that throws it anyway is a broken check.
    [Fact]
    public void Evaluate_CheckThatCancels_Denies() =>
        Assert.Equal(DenyReason.CheckFailed, Run(Make.Call(), new Check("a", _ => throw new OperationCanceledException())).Reason);

    [Theory]
    [InlineData(0, DenyReason.None)]
    [InlineData(1, DenyReason.CheckFailed)]
    public void Evaluate_CheckTimeout_IsTheLastMomentThatPasses(long ticksBeyond, DenyReason reason)
    {
        using var decision = Run(Make.Call(), Takes(SecurityPipeline.CheckTimeout + TimeSpan.FromTicks(ticksBeyond)), Says("b"));

        Assert.Equal(reason, decision.Reason);
    }

    // The scan of a 32 MiB result takes about a second of a processor; a machine busy with other work may take twenty for it.
    [Fact]
    public void Evaluate_LoadedMachine_DeniesNothingForBeingSlow() =>
        Assert.Equal(DenyReason.None, Run(Make.Call(), Takes(TimeSpan.FromSeconds(20)), Says("b")).Reason);

    // Each check has its own time: a slow one before must not cut the next one short, or let it pass.
    [Fact]
    public void Evaluate_ManyChecks_EachHasItsOwnTime()
    {
        var almost = SecurityPipeline.CheckTimeout - TimeSpan.FromTicks(1);

        Assert.Equal(DenyReason.None, Run(Make.Call(), Takes(almost), Takes(almost), Takes(almost)).Reason);
    }

    [Fact]
    public void Evaluate_SlowDenial_KeepsItsReason()
    {
        using var decision = Run(Make.Call(), new Check("a", _ => { _time.Advance(TimeSpan.FromHours(1)); return CheckResult.Deny(DenyReason.ToolNotAllowed); }));

        Assert.Equal(DenyReason.ToolNotAllowed, decision.Reason);
    }

    [Fact]
    public void Evaluate_FindingsOfTheChecks_AreTheDecisions()
    {
        using var decision = Run(Make.Call(), Finds("a", RuleAction.Redact));

        Assert.Equal(("content_redacted", 1), (decision.Word, decision.Edits.Count));
    }

    private Decision Run(CallContext call, params ICheck[] checks) => new SecurityPipeline(checks, _time).Evaluate(call);

    private Check Says(string name, CheckResult result = default) => new(name, _ =>
    {
        _ran.Add(name);
        return result;
    });

    private Check Finds(string name, RuleAction action) => new(name, call =>
    {
        _ran.Add(name);
        call.Findings = [Make.Finding(action)];
        return CheckResult.Continue;
    });

    private static Check Holds(IDisposable lease) => new("holds", _ => CheckResult.ContinueHolding(lease));

    private Check Takes(TimeSpan time) => new("takes", _ =>
    {
        _time.Advance(time);
        return CheckResult.Continue;
    });
}

/// <summary>A check that does what a test says.</summary>
internal sealed class Check(string name, Func<CallContext, CheckResult> evaluate) : ICheck
{
    public string Name => name;

    public CheckResult Evaluate(CallContext call) => evaluate(call);
}
