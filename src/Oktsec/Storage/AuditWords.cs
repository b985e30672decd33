using Oktsec.Core.Audit;

namespace Oktsec.Storage;

/// <summary>Statuses as users read and type them.</summary>
internal static class AuditWords
{
    public static IReadOnlyList<string> Statuses { get; } = ["delivered", "blocked", "rejected", "quarantined"];

    public static string Of(AuditStatus status) => Statuses[(int)status];

    public static AuditStatus ToStatus(ReadOnlySpan<byte> word) => word switch
    {
        _ when word.SequenceEqual("delivered"u8) => AuditStatus.Delivered,
        _ when word.SequenceEqual("blocked"u8) => AuditStatus.Blocked,
        _ when word.SequenceEqual("rejected"u8) => AuditStatus.Rejected,
        _ when word.SequenceEqual("quarantined"u8) => AuditStatus.Quarantined,
        _ => throw new StoreException("the store holds a status that this oktsec does not know"),
    };
}
