using Oktsec.Scanning;

namespace Oktsec.Core.Quarantine;

/// <summary>Content held for a person. The content is sealed by the store (AES-GCM) and opened only to show or release it.</summary>
public sealed record HeldItem
{
    /// <summary><c>q-</c> and eight hex digits.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required DateTimeOffset Expires { get; init; }

    /// <summary>The audit entry it belongs to.</summary>
    public required string AuditId { get; init; }

    public required string Agent { get; init; }

    public required string Backend { get; init; }

    public required string Target { get; init; }

    /// <summary><c>request</c> or <c>result</c>.</summary>
    public required string What { get; init; }

    /// <summary><c>pending</c>; <c>approved</c>, <c>rejected</c> and <c>expired</c> come with approvals.</summary>
    public string State { get; init; } = "pending";

    public required string ArgumentsHash { get; init; }

    public IReadOnlyList<Finding> Findings { get; init; } = [];
}

/// <summary>Keeps held content.</summary>
public interface IQuarantineStore
{
    /// <summary>Seals and stores; completes when committed.</summary>
    /// <param name="item">The item.</param>
    /// <param name="content">What is sealed.</param>
    /// <param name="maxBytes">What all items may take together, this one included.</param>
    /// <param name="cancel">Before it is submitted.</param>
    /// <returns>False when there is no room: the caller denies without an id.</returns>
    /// <exception cref="Audit.AuditUnavailableException">It could not be written: the caller denies without an id.</exception>
    ValueTask<bool> HoldAsync(HeldItem item, ReadOnlyMemory<byte> content, long maxBytes, CancellationToken cancel);

    IReadOnlyList<HeldItem> List(bool includeExpired);

    /// <summary>The item of a full id or unique prefix with its opened content, or null.</summary>
    (HeldItem Item, byte[] Content)? Find(string id);
}
