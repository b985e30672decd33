using Oktsec.Core.Audit;
using Oktsec.Core.Pipeline;
using Oktsec.Scanning;

namespace Oktsec.Core.Tests.Pipeline;

public sealed class DecisionTests
{
    [Theory]
    [InlineData(null, "allow", Verdict.Clean)]
    [InlineData(RuleAction.Log, "allow", Verdict.Clean)]
    [InlineData(RuleAction.Flag, "content_flagged", Verdict.Flag)]
    [InlineData(RuleAction.Strip, "content_redacted", Verdict.Flag)]
    [InlineData(RuleAction.Redact, "content_redacted", Verdict.Flag)]
    public void Word_Allowed_FollowsTheFindings(RuleAction? action, string word, Verdict verdict)
    {
        using var decision = Of(DenyReason.None, action: action);

        Assert.Equal((word, verdict, AuditStatus.Delivered, true), (decision.Word, decision.Verdict, decision.Status, decision.IsAllowed));
    }

    [Fact]
    public void Denied_WordAndStatus_AreTheRows()
    {
        foreach (var row in DenyReasons.Rows)
        {
            using var enforced = Of(row.Reason);
            using var observed = Of(row.Reason, isObserved: true);

            Assert.Equal((row.Word, row.Status, false), (enforced.Word, enforced.Status, enforced.IsAllowed));
            Assert.Equal(("would_block:" + row.Word, AuditStatus.Delivered, true), (observed.Word, observed.Status, observed.IsAllowed));
        }
    }

    [Fact]
    public void Observed_Redaction_IsFlaggedAndDeliveredUnchanged()
    {
        using var decision = Of(DenyReason.None, isObserved: true, action: RuleAction.Redact);

        Assert.Empty(decision.Edits);
        Assert.Equal("content_flagged", decision.Word);
    }

    [Fact]
    public void Denied_HasNoEdits_ItGoesNowhere() => Assert.Empty(Of(DenyReason.ContentBlocked, action: RuleAction.Redact).Edits);

    [Fact]
    public void RecordedFindings_CarryWhatAppliedHere()
    {
        var judged = Make.Finding(RuleAction.Flag) with { Severity = Severity.Critical, Action = RuleAction.Block };
        using var decision = new Decision(CheckResult.Continue, "", [judged], isObserved: false, null);

        Assert.Equal((Severity.Critical, RuleAction.Block), (decision.RecordedFindings[0].Severity, decision.RecordedFindings[0].Action));
    }

    [Fact]
    public void Dispose_ManyTimesAndThreads_GivesEachLeaseBackOnce()
    {
        Counted[] leases = [new(), new()];
        var decision = new Decision(CheckResult.Continue, "", [], isObserved: false, [.. leases]);

        Parallel.For(0, 100, _ => decision.Dispose());

        Assert.All(leases, lease => Assert.Equal(1, lease.Disposals));
    }

    private static Decision Of(DenyReason reason, bool isObserved = false, RuleAction? action = null) =>
        new(
            reason == DenyReason.None ? CheckResult.Continue : CheckResult.Deny(reason), "some_check",
            action is { } a ? [Make.Finding(a)] : [], isObserved, null, new byte[10]);
}

/// <summary>A lease that counts how often it is given back.</summary>
internal sealed class Counted : IDisposable
{
    private int _disposals;

    public int Disposals => _disposals;

    public void Dispose() => Interlocked.Increment(ref _disposals);
}
