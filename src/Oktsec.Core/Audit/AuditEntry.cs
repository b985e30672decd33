using Oktsec.Scanning;

namespace Oktsec.Core.Audit;

/// <summary>What happened to a message.</summary>
public enum AuditStatus : byte
{
    Delivered,
    Blocked,
    Rejected,
    Quarantined,
}

/// <summary>One immutable record: what was asked, by whom, and what the pipeline decided before anything was forwarded.</summary>
public sealed record AuditEntry
{
    /// <summary>16 lower-case hex digits, random; people see the first eight.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>The door: <c>gateway</c>, <c>proxy</c>, <c>hook</c>.</summary>
    public required string Door { get; init; }

    public required string Agent { get; init; }

    /// <summary>How the agent was identified, as <see cref="Identity.AuthMethod"/> spells it: <c>header</c>, <c>none</c> ...</summary>
    public required string IdentifiedBy { get; init; }

    /// <summary>First 16 hex digits of SHA-256 of the session id; empty without a session. The id itself is a bearer secret.</summary>
    public string Session { get; init; } = "";

    public string Backend { get; init; } = "";

    public required string Method { get; init; }

    /// <summary>The exposed tool, prompt or resource; empty for other methods.</summary>
    public string Target { get; init; } = "";

    /// <summary>Which way: <c>request</c> (agent to backend) or <c>server</c> (backend to agent).</summary>
    public string Direction { get; init; } = "request";

    /// <summary>Decision word of <see cref="Pipeline.DenyReasons"/>: <c>allow</c>, <c>content_blocked</c>, <c>would_block:tool_not_allowed</c> ...</summary>
    public required string Decision { get; init; }

    public required AuditStatus Status { get; init; }

    /// <summary>Masked findings of the request.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>HMAC-SHA-256 of the arguments under the store's key, hex; empty without arguments.</summary>
    public string ArgumentsHash { get; init; } = "";

    /// <summary>What the pipeline itself took up to this record, in microseconds.</summary>
    public long PipelineMicroseconds { get; init; }

    /// <summary>Id of the held content (<c>q-1a2b3c4d</c>), or empty.</summary>
    public string HeldId { get; init; } = "";

    /// <summary>One sentence that says more (which limit, which field); never content.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Whether an <see cref="AuditOutcome"/> follows. A forwarded call without one ended with the process: its outcome is unknown.</summary>
    public bool AwaitsOutcome { get; init; }

    /// <summary>Its place in the log: the store writes it here when it appends the entry. 0 before.</summary>
    public long Sequence { get; set; }
}

/// <summary>How a forwarded message ended; a second immutable record with the same id.</summary>
public sealed record AuditOutcome
{
    public required string Id { get; init; }

    /// <summary><see cref="AuditEntry.Sequence"/> of its entry, by which it is found; the id is compared.</summary>
    public required long EntrySequence { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Decision { get; init; }

    public required AuditStatus Status { get; init; }

    /// <summary>Masked findings of the response.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Request and response pipeline together, in microseconds.</summary>
    public long PipelineMicroseconds { get; init; }

    public long BackendMicroseconds { get; init; }

    public string HeldId { get; init; } = "";

    public string Detail { get; init; } = "";
}
