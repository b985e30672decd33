using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Core.Audit;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Storage;

public sealed class SchemaTests : IDisposable
{
    private static readonly string[] One = ["CREATE TABLE t(a); INSERT INTO t VALUES(1)"];
    private static readonly string[] Two = [.. One, "ALTER TABLE t ADD COLUMN b DEFAULT 7; UPDATE t SET a = a + 1"];

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Migrate_OlderFile_RunsTheMissingStepsOnce()
    {
        using var database = Open();
        Schema.Migrate(database, One);
        Schema.Migrate(database, Two);
        Schema.Migrate(database, Two);
        Assert.Equal(2, database.Scalar("SELECT a FROM t WHERE b = 7"));
        Assert.Equal(2, database.Scalar("PRAGMA user_version"));
    }

    [Fact]
    public void Migrate_StepFails_LeavesTheFileAsItWas()
    {
        using var database = Open();
        Schema.Migrate(database, One);
        Assert.Throws<SqliteException>(() => Schema.Migrate(database, [.. One, "UPDATE t SET a = 9; INSERT INTO missing VALUES(1)"]));
        Assert.Equal((1, 1), (database.Scalar("SELECT a FROM t"), database.Scalar("PRAGMA user_version")));
    }

    [Fact]
    public void Migrate_NewerFile_IsRefused()
    {
        using var database = Open();
        database.Execute($"PRAGMA user_version={Schema.Version + 1}");
        Assert.Contains("newer oktsec", Assert.Throws<StoreException>(() => Schema.Migrate(database)).Message);
    }

    [Fact]
    public async Task Migrate_FromTheSchemaWithIndexes_KeepsEveryRecordAndGoesOn()
    {
        using (var old = Open())
        {
            Schema.Migrate(old, Schema.StepsTo(2));
            foreach (var (seq, awaits) in (ReadOnlySpan<(int, int)>)[(1, 1), (2, 1), (3, 0), (300, 1)])
                old.Execute($"INSERT INTO entries VALUES({seq}, 'id-{seq}', 5, 'gateway', 'a', 'header', '', 'b', 'tools/call', 't', 'request', 'allow', 'delivered', '[]', '', 7, '', '', {awaits})");
            old.Execute("INSERT INTO outcomes VALUES(4, 1, 6, 'content_blocked', 'blocked', '[]', 8, 9, '', 'near'), (299, 2, 6, 'allow', 'delivered', '[]', 8, 9, '', 'late')");
            old.Execute("INSERT INTO hours VALUES(0, 1)");
        }
        await using var store = SqliteStore.Open(folder["s.db"], fullDurability: false, TimeProvider.System, NullLogger.Instance);
        var rows = store.Query(new AuditQuery());
        Assert.Equal([(300, ""), (3, ""), (2, "late"), (1, "near")], rows.Select(r => ((int)r.Sequence, r.Outcome?.Detail ?? "")));
        Assert.Equal(["id-300", "id-3", "id-2", "id-1"], rows.Select(r => r.Entry.Id));

        var next = rows[0].Entry with { Id = "new" };
        await store.AppendAsync(next, CancellationToken.None);
        Assert.Equal(301, next.Sequence);
        await Assert.ThrowsAsync<AuditUnavailableException>(async () => await store.AppendAsync(rows[2].Outcome!, CancellationToken.None)); // has one
        await store.AppendAsync(rows[2].Outcome! with { Id = "new", EntrySequence = 301 }, CancellationToken.None);
        Assert.Equal(302, store.Query(new AuditQuery())[0].CompletedSequence);

        using var database = Open();
        Assert.Equal(1, database.Scalar("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name IN ('entries', 'outcomes')"));
        Assert.Contains("append-only", Assert.Throws<SqliteException>(() => database.Execute("DELETE FROM outcomes")).Message);
    }

    [Fact]
    public async Task Migrate_FromManyAtOnce_RunsOnce()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            using var database = Open();
            Schema.Migrate(database, Two);
        })));
        using var check = Open();
        Assert.Equal(2, check.Scalar("SELECT sum(a) FROM t"));
    }

    private Database Open()
    {
        OwnedFile.Create(folder["s.db"]);
        return Database.Open(folder["s.db"], fullDurability: false);
    }
}
