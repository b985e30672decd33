namespace Oktsec.Core.Audit;

/// <summary>Where records go. A record is acknowledged only when it survives a kill of the process.</summary>
public interface IAuditStore
{
    /// <summary>Appends an entry; completes when it is committed.</summary>
    /// <exception cref="AuditUnavailableException">It could not be written: the caller must not forward.</exception>
    ValueTask AppendAsync(AuditEntry entry, CancellationToken cancel);

    /// <summary>Appends the outcome of an earlier entry; completes when it is committed.</summary>
    /// <exception cref="AuditUnavailableException">It could not be written: the caller must not deliver.</exception>
    ValueTask AppendAsync(AuditOutcome outcome, CancellationToken cancel);
}

/// <summary>Reading side, for <c>oktsec logs</c> and later the API.</summary>
public interface IAuditReader
{
    /// <summary>Entries joined with their outcomes, newest first; with <see cref="AuditQuery.AfterSequence"/> in the order they were completed.</summary>
    IReadOnlyList<AuditRow> Query(AuditQuery query);
}

/// <summary>An entry with its outcome folded in: what a person sees as one line.</summary>
/// <param name="Sequence">The entry's place in the log.</param>
/// <param name="CompletedSequence">The place of the outcome, or the entry's own without one: where following goes on.</param>
public sealed record AuditRow(long Sequence, long CompletedSequence, AuditEntry Entry, AuditOutcome? Outcome)
{
    /// <summary>Nothing more will come, as far as the process that wrote it goes.</summary>
    public bool IsComplete => Outcome is not null || !Entry.AwaitsOutcome;

    /// <summary><c>outcome_unknown</c> when the process ended, or still waits, between forwarding and delivering.</summary>
    public string Decision => Outcome?.Decision ?? (Entry.AwaitsOutcome ? "outcome_unknown" : Entry.Decision);

    public AuditStatus Status => Outcome?.Status ?? (Entry.AwaitsOutcome ? AuditStatus.Delivered : Entry.Status);

    /// <summary>What the pipeline itself took, both ways.</summary>
    public long PipelineMicroseconds => Outcome?.PipelineMicroseconds ?? Entry.PipelineMicroseconds;
}

/// <summary>Which rows. Null or empty means no restriction.</summary>
public sealed record AuditQuery
{
    public string? Agent { get; init; }

    /// <summary><c>delivered</c>, <c>blocked</c>, <c>rejected</c> or <c>quarantined</c>.</summary>
    public string? Status { get; init; }

    /// <summary>The exposed tool, prompt or resource, or the method of a message without one; <c>*</c> stands for any characters.</summary>
    public string? Tool { get; init; }

    public DateTimeOffset? Since { get; init; }

    /// <summary>Only entries before this <see cref="AuditRow.Sequence"/>: the next page.</summary>
    public long? BeforeSequence { get; init; }

    /// <summary>Only rows completed after this <see cref="AuditRow.CompletedSequence"/>, for following: a call appears when it has its outcome.</summary>
    public long? AfterSequence { get; init; }

    public int Limit { get; init; } = 50;
}

/// <summary>A record could not be committed (full disk, locked database, closed store).</summary>
public sealed class AuditUnavailableException(string reason, Exception? inner = null) : Exception(reason, inner);
