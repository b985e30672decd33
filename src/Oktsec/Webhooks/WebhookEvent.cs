using Oktsec.Core.Audit;
using Oktsec.Core.Pipeline;
using Oktsec.Scanning;

namespace Oktsec.Webhooks;

/// <summary>Something to tell people. Holds no secret: findings are masked as in the record.</summary>
internal sealed record WebhookEvent
{
    public const string RuleTriggered = "rule_triggered";
    public const string BackendDown = "backend_down";
    public const string AuditFailed = "audit_failed";

    /// <summary>What happened, as <c>webhooks[].events</c> spells it: <c>blocked</c>, <c>quarantined</c>, <c>backend_down</c> ...</summary>
    public required string Kind { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>The record it belongs to; empty when it is about no call.</summary>
    public string AuditId { get; init; } = "";

    public string Agent { get; init; } = "";

    /// <summary><c>gateway/read_file</c>, as in <c>oktsec logs</c>.</summary>
    public string To { get; init; } = "";

    public string Tool { get; init; } = "";

    public string Backend { get; init; } = "";

    public string Decision { get; init; } = "";

    public string Detail { get; init; } = "";

    public string HeldId { get; init; } = "";

    /// <summary>Strongest first.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Where to look further; empty without a dashboard.</summary>
    public string Link { get; init; } = "";

    public Finding? Strongest => Findings.Count > 0 ? Findings[0] : null;

    /// <summary>Observe mode: it was delivered; enforcing would have stopped it.</summary>
    public bool IsObserved => Decision.StartsWith(DenyReasons.WouldBlock, StringComparison.Ordinal);

    /// <summary>The event of a record that is complete; null when there is nothing to tell.</summary>
    public static WebhookEvent? Of(AuditEntry entry, AuditOutcome? outcome)
    {
        // The answer's denial before the request's, which can only be an observed one.
        var denial = Denial(outcome?.Decision) is { } late ? (Row: late, Word: outcome!.Decision)
            : Denial(entry.Decision) is { } early ? (Row: early, Word: entry.Decision)
            : ((DenyRow Row, string Word)?)null;
        var findings = entry.Findings;
        if (outcome is { Findings.Count: > 0 })
            findings = [.. findings, .. outcome.Findings];
        if (denial is null && findings.Count == 0)
            return null;
        return new WebhookEvent
        {
            Kind = denial?.Row.Event ?? RuleTriggered,
            Time = outcome?.Time ?? entry.Time,
            AuditId = entry.Id,
            Agent = entry.Agent,
            To = $"{entry.Door}/{(entry.Target.Length > 0 ? entry.Target : entry.Method)}",
            Tool = entry.Target,
            Backend = entry.Backend,
            Decision = denial?.Word ?? outcome?.Decision ?? entry.Decision,
            Detail = outcome is { Detail.Length: > 0 } ? outcome.Detail : entry.Detail,
            HeldId = outcome is { HeldId.Length: > 0 } ? outcome.HeldId : entry.HeldId,
            Findings = [.. findings.OrderByDescending(f => f.Action).ThenByDescending(f => f.Severity)],
        };
    }

    private static DenyRow? Denial(string? word)
    {
        if (word is null or DenyReasons.Allow or DenyReasons.Flagged or DenyReasons.Redacted)
            return null;
        var bare = word.StartsWith(DenyReasons.WouldBlock, StringComparison.Ordinal) ? word[DenyReasons.WouldBlock.Length..] : word;
        return DenyReasons.Rows.FirstOrDefault(row => row.Word == bare);
    }
}
