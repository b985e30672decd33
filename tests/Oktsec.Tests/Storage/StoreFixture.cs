using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Core.Audit;
using Oktsec.Scanning;
using Oktsec.Storage.Sqlite;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Storage;

/// <summary>A store in a folder of its own, and records to put there.</summary>
internal sealed class StoreFixture : IAsyncDisposable
{
    private static int nextId;

    private readonly TempFolder folder = new();

    public StoreFixture() => Store = OpenAgain();

    public ManualTime Time { get; } = new();

    public string Path => folder["oktsec.db"];

    public SqliteStore Store { get; private set; }

    public SqliteStore OpenAgain() => SqliteStore.Open(Path, fullDurability: false, Time, NullLogger.Instance);

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        folder.Dispose();
    }

    public async Task<AuditEntry> AppendAsync(AuditEntry entry)
    {
        await Store.AppendAsync(entry, CancellationToken.None);
        return entry;
    }

    public AuditEntry Entry(string agent = "data-analyst", string target = "read_file", AuditStatus status = AuditStatus.Delivered, bool awaits = false) => new()
    {
        Id = $"{Interlocked.Increment(ref nextId):x16}",
        Time = Time.GetUtcNow(),
        Door = "gateway",
        Agent = agent,
        IdentifiedBy = "header",
        Method = "tools/call",
        Target = target,
        Decision = status == AuditStatus.Blocked ? "content_blocked" : "allow",
        Status = status,
        AwaitsOutcome = awaits,
    };

    public AuditOutcome Outcome(AuditEntry entry, AuditStatus status = AuditStatus.Delivered) => new()
    {
        Id = entry.Id,
        EntrySequence = entry.Sequence,
        Time = Time.GetUtcNow(),
        Decision = "allow",
        Status = status,
        PipelineMicroseconds = 180,
        BackendMicroseconds = 2500,
    };

    public static Finding Finding(string match = "ignore previous instructions") => new()
    {
        RuleId = "PI-001",
        RuleName = "prompt_injection",
        Category = "prompt-injection",
        AlsoCategories = ["indirect-injection", "inter-agent"],
        Severity = Severity.Critical,
        Action = RuleAction.Block,
        Field = "$.items[2].text",
        Start = 17,
        Length = 28,
        Via = "base64>url",
        Match = match,
        IsSensitive = true,
        RedactAs = "aws-access-key",
    };
}
