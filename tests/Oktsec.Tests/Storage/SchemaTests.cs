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
