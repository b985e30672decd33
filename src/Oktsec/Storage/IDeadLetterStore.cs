namespace Oktsec.Storage;

/// <summary>Events that no webhook took, kept so that they are seen and can be sent again.</summary>
internal interface IDeadLetterStore
{
    /// <exception cref="Core.Audit.AuditUnavailableException">It could not be written.</exception>
    ValueTask AddDeadLetterAsync(DeadLetter letter, CancellationToken cancel);

    /// <summary>Newest first.</summary>
    IReadOnlyList<DeadLetter> ReadDeadLetters(int limit);

    /// <summary>It was delivered after all, or nobody wants it any more; false when it was gone already.</summary>
    /// <exception cref="Core.Audit.AuditUnavailableException">It could not be written.</exception>
    ValueTask<bool> RemoveDeadLetterAsync(long sequence, CancellationToken cancel);

    /// <summary>It was sent again, in vain.</summary>
    /// <exception cref="Core.Audit.AuditUnavailableException">It could not be written.</exception>
    ValueTask UpdateDeadLetterAsync(long sequence, int attempts, string error, CancellationToken cancel);
}

/// <param name="Sequence">Given by the store.</param>
/// <param name="Time">When it was given up.</param>
/// <param name="Webhook">Its name; of a bare URL only scheme and host.</param>
/// <param name="Event">The event's kind.</param>
/// <param name="AuditId">The record it tells of, or empty.</param>
/// <param name="Body">The event as plain JSON, whatever the webhook's format.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="Error">Why the last one failed.</param>
internal sealed record DeadLetter(long Sequence, DateTimeOffset Time, string Webhook, string Event, string AuditId, byte[] Body, int Attempts, string Error);
