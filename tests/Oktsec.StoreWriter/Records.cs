using System.Security.Cryptography;
using Oktsec.Core.Audit;

namespace Oktsec.StoreWriter;

/// <summary>A typical pair of records.</summary>
internal static class Records
{
    public static AuditEntry Entry() => new()
    {
        Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)),
        Time = TimeProvider.System.GetUtcNow(),
        Door = "gateway",
        Agent = "data-analyst",
        IdentifiedBy = "header",
        Session = "0123456789abcdef",
        Backend = "filesystem",
        Method = "tools/call",
        Target = "read_file",
        Decision = "allow",
        Status = AuditStatus.Delivered,
        ArgumentsHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        PipelineMicroseconds = 120,
        AwaitsOutcome = true,
    };

    /// <summary>Of an entry that was appended.</summary>
    public static AuditOutcome Outcome(AuditEntry entry) => new()
    {
        Id = entry.Id,
        EntrySequence = entry.Sequence,
        Time = entry.Time,
        Decision = "allow",
        Status = AuditStatus.Delivered,
        PipelineMicroseconds = 180,
        BackendMicroseconds = 900,
    };
}
