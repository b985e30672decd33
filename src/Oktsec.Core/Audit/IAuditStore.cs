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
    /// <summary>Entries joined with their outcomes, newest first.</summary>
    IReadOnlyList<AuditRow> Query(AuditQuery query);
}

/// <summary>An entry with its outcome folded in: what a person sees as one line.</summary>
public sealed record AuditRow(long Sequence, AuditEntry Entry, AuditOutcome? Outcome);

/// <summary>Which rows. Null or empty means no restriction.</summary>
public sealed record AuditQuery
{
    public string? Agent { get; init; }

    public string? Status { get; init; }

    public string? Tool { get; init; }

    public DateTimeOffset? Since { get; init; }

    /// <summary>Rows after this sequence number, for following.</summary>
    public long? AfterSequence { get; init; }

    public int Limit { get; init; } = 50;
}

/// <summary>A record could not be committed (full disk, locked database, closed store).</summary>
public sealed class AuditUnavailableException(string reason, Exception? inner = null) : Exception(reason, inner);
