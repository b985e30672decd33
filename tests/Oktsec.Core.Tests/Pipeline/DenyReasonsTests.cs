using System.Text.RegularExpressions;
using Oktsec.Core.Audit;
using Oktsec.Core.Pipeline;

namespace Oktsec.Core.Tests.Pipeline;

public sealed partial class DenyReasonsTests
{
    [Fact]
    public void Rows_EveryReason_HasExactlyOne()
    {
        var reasons = Enum.GetValues<DenyReason>().Where(r => r != DenyReason.None);

        Assert.Equal(reasons, DenyReasons.Rows.Select(r => r.Reason).Order());
        Assert.All(DenyReasons.Rows, row => Assert.Same(row, DenyReasons.Row(row.Reason)));
    }

    [Fact]
    public void Row_OfNoReason_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => DenyReasons.Row(DenyReason.None));

    [Fact]
    public void Words_AreUniqueAndSpelledAlike()
    {
        string[] words = [.. DenyReasons.Rows.Select(r => r.Word), DenyReasons.Allow, DenyReasons.Flagged, DenyReasons.Redacted];

        Assert.Equal(words.Length, words.Distinct().Count());
        Assert.All(words, word => Assert.Matches(Word(), word));
    }

    // What users were promised they would read in their logs: a word changes only together with this line.
    [Fact]
    public void Words_AreTheOnesPromised() =>
        Assert.Equal(
            "message_malformed origin_denied unauthenticated agent_unknown agent_suspended rate_limited concurrency_exceeded tool_not_allowed content_blocked "
            + "content_quarantined check_failed audit_unavailable backend_unavailable outcome_unknown",
            string.Join(' ', DenyReasons.Rows.Select(r => r.Word)));

    [Fact]
    public void Words_OfWhatPassed_AreTheOnesPromised() =>
        Assert.Equal(("allow", "content_flagged", "content_redacted", "would_block:"), (DenyReasons.Allow, DenyReasons.Flagged, DenyReasons.Redacted, DenyReasons.WouldBlock));

    [Fact]
    public void Events_AreTheOnesWebhooksKnow() =>
        Assert.Subset(
            new HashSet<string> { "blocked", "quarantined", "rejected", "rule_triggered", "tool_changed", "agent_suspended", "backend_down", "audit_failed" },
            DenyReasons.Rows.Select(r => r.Event).ToHashSet());

    [Theory]
    [InlineData(DenyReason.ContentBlocked, AuditStatus.Blocked, WireForm.ToolError)]
    [InlineData(DenyReason.ContentQuarantined, AuditStatus.Quarantined, WireForm.ToolError)]
    [InlineData(DenyReason.ToolNotAllowed, AuditStatus.Rejected, WireForm.Nonexistent)]
    [InlineData(DenyReason.AgentUnknown, AuditStatus.Rejected, WireForm.Forbidden)]
    [InlineData(DenyReason.Unauthenticated, AuditStatus.Rejected, WireForm.Unauthorized)]
    [InlineData(DenyReason.OriginDenied, AuditStatus.Rejected, WireForm.Forbidden)]
    [InlineData(DenyReason.MessageMalformed, AuditStatus.Rejected, WireForm.BadRequest)]
    [InlineData(DenyReason.OutcomeUnknown, AuditStatus.Delivered, WireForm.ToolError)] // it may have happened
    public void Row_SaysWhatHappenedAndWhatTheAgentSees(DenyReason reason, AuditStatus status, WireForm wire) =>
        Assert.Equal((status, wire), (DenyReasons.Row(reason).Status, DenyReasons.Row(reason).Wire));

    [Fact]
    public void Rows_AllButForeignOriginsUnprovenCallersAndFailures_AreDeliveredInObserveMode() =>
        Assert.Equal([DenyReason.OriginDenied, DenyReason.Unauthenticated, DenyReason.BackendUnavailable, DenyReason.OutcomeUnknown], DenyReasons.Rows.Where(r => !r.IsObservable).Select(r => r.Reason));

    [GeneratedRegex("^[a-z]+(_[a-z]+)*$")]
    private static partial Regex Word();
}
