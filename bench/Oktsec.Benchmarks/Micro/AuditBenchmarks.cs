using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Core.Audit;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Benchmarks.Micro;

/// <summary>One call's two records, each committed to a real file before it returns.</summary>
[MemoryDiagnoser]
public class AuditBenchmarks
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oktsec-bench-").FullName;
    private SqliteStore _store = null!;
    private long _id;

    [GlobalSetup]
    public void Open() => _store = SqliteStore.Open(Path.Combine(_folder, "oktsec.db"), fullDurability: false, TimeProvider.System, NullLogger.Instance);

    [GlobalCleanup]
    public async Task Close()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public async Task EntryAndOutcome()
    {
        var id = (++_id).ToString("x16");
        var entry = new AuditEntry
        {
            Id = id,
            Time = TimeProvider.System.GetUtcNow(),
            Door = "gateway",
            Agent = "load",
            IdentifiedBy = "header",
            Session = "0123456789abcdef",
            Backend = "echo",
            Method = "tools/call",
            Target = "write_note",
            Decision = "allow",
            Status = AuditStatus.Delivered,
            ArgumentsHash = new string('a', 64),
            PipelineMicroseconds = 40,
            AwaitsOutcome = true,
        };
        await _store.AppendAsync(entry, default);
        await _store.AppendAsync(
            new AuditOutcome
            {
                Id = id,
                EntrySequence = entry.Sequence,
                Time = TimeProvider.System.GetUtcNow(),
                Decision = "allow",
                Status = AuditStatus.Delivered,
                PipelineMicroseconds = 60,
                BackendMicroseconds = 100,
            },
            default);
    }
}
