using Oktsec.Core.Audit;

namespace Oktsec.Core.Pipeline;

/// <summary>How a denial of tools/call looks to the agent at the gateway; any other request gets a JSON-RPC error.</summary>
public enum WireForm : byte
{
    /// <summary>A result with <c>isError: true</c> and one text the model can act on.</summary>
    ToolError,

    /// <summary>Byte for byte what a tool, prompt or resource that does not exist gets.</summary>
    Nonexistent,

    /// <summary>HTTP 401 with a challenge and a JSON-RPC error body without id.</summary>
    Unauthorized,

    /// <summary>HTTP 403 with a JSON-RPC error body without id.</summary>
    Forbidden,

    /// <summary>HTTP 400 with a JSON-RPC error.</summary>
    BadRequest,
}

/// <summary>One row: everything a denial means, in one place.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Word">The decision word in the log, the reply and the docs.</param>
/// <param name="Status">What the audit record says happened.</param>
/// <param name="Wire">How the agent sees it.</param>
/// <param name="Event">The webhook event it raises.</param>
public sealed record DenyRow(DenyReason Reason, string Word, AuditStatus Status, WireForm Wire, string Event)
{
    /// <summary>Whether observe mode delivers what it denies.</summary>
    /// <remarks>
    /// Not a page of a foreign origin: observing is for what agents do, and must not open the user's tools to every web site (DNS rebinding).
    /// Not who fails to prove who it is: else observing would serve whoever reaches the port. And not what failed after it was allowed: there is nothing to deliver.
    /// </remarks>
    public bool IsObservable => Reason is not (DenyReason.OriginDenied or DenyReason.Unauthenticated or DenyReason.BackendUnavailable or DenyReason.OutcomeUnknown);
}

/// <summary>The table of deny reasons, and the words for what was not denied.</summary>
public static class DenyReasons
{
    public const string Allow = "allow";
    public const string Flagged = "content_flagged";
    public const string Redacted = "content_redacted";

    /// <summary>Prefix of a decision word in observe mode: what enforce would have done.</summary>
    public const string WouldBlock = "would_block:";

    public static IReadOnlyList<DenyRow> Rows { get; } =
    [
        new(DenyReason.MessageMalformed, "message_malformed", AuditStatus.Rejected, WireForm.BadRequest, "rejected"),
        new(DenyReason.OriginDenied, "origin_denied", AuditStatus.Rejected, WireForm.Forbidden, "rejected"),
        new(DenyReason.Unauthenticated, "unauthenticated", AuditStatus.Rejected, WireForm.Unauthorized, "rejected"),
        new(DenyReason.AgentUnknown, "agent_unknown", AuditStatus.Rejected, WireForm.Forbidden, "rejected"),
        new(DenyReason.AgentSuspended, "agent_suspended", AuditStatus.Rejected, WireForm.ToolError, "rejected"),
        new(DenyReason.RateLimited, "rate_limited", AuditStatus.Rejected, WireForm.ToolError, "rejected"),
        new(DenyReason.ConcurrencyExceeded, "concurrency_exceeded", AuditStatus.Rejected, WireForm.ToolError, "rejected"),
        new(DenyReason.ToolNotAllowed, "tool_not_allowed", AuditStatus.Rejected, WireForm.Nonexistent, "rejected"),
        new(DenyReason.ContentBlocked, "content_blocked", AuditStatus.Blocked, WireForm.ToolError, "blocked"),
        new(DenyReason.ContentQuarantined, "content_quarantined", AuditStatus.Quarantined, WireForm.ToolError, "quarantined"),
        new(DenyReason.CheckFailed, "check_failed", AuditStatus.Blocked, WireForm.ToolError, "blocked"),
        new(DenyReason.AuditUnavailable, "audit_unavailable", AuditStatus.Rejected, WireForm.ToolError, "audit_failed"),
        new(DenyReason.BackendUnavailable, "backend_unavailable", AuditStatus.Rejected, WireForm.ToolError, "backend_down"),
        new(DenyReason.OutcomeUnknown, "outcome_unknown", AuditStatus.Delivered, WireForm.ToolError, "backend_down"),
    ];

    private static readonly DenyRow[] s_byReason = Index();

    /// <summary>The row of a reason.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The reason is <see cref="DenyReason.None"/>.</exception>
    public static DenyRow Row(DenyReason reason) =>
        reason == DenyReason.None ? throw new ArgumentOutOfRangeException(nameof(reason)) : s_byReason[(int)reason];

    private static DenyRow[] Index()
    {
        var index = new DenyRow[Enum.GetValues<DenyReason>().Length];
        foreach (var row in Rows)
            index[(int)row.Reason] = row;
        return index;
    }
}
