using Oktsec.Core.Audit;

namespace Oktsec.Storage.Sqlite;

/// <summary>The writing connection: opens the file, commits batches, and is thrown away after a fault it cannot stand on.</summary>
internal sealed class StoreConnection : IDisposable
{
    private StoreConnection(Database database)
    {
        Database = database;
        Audit = new AuditWriter(database);
    }

    public Database Database { get; }

    public AuditWriter Audit { get; }

    /// <summary>Where the log ended when the last commit began and when it was done; the second is unknown when others have committed since, or it failed.</summary>
    public (LogMark Before, LogMark After) LastCommit { get; private set; }

    /// <exception cref="SqliteException">It cannot be opened.</exception>
    /// <exception cref="StoreException">It may not be opened.</exception>
    public static StoreConnection Open(string path, bool fullDurability)
    {
        OwnedFile.CreateFolderOf(path);
        OwnedFile.Create(path); // SQLite gives its -wal and -shm files the mode of this one
        var database = Database.Open(path, fullDurability);
        try
        {
            Schema.Migrate(database);
            return new StoreConnection(database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Commits all of a batch or nothing; a single write that breaks a constraint is refused alone.</summary>
    public void Commit(List<Write<StoreConnection>> batch)
    {
        Database.Statement("BEGIN IMMEDIATE").Run(); // takes the write lock now: a later upgrade could fail half way
        var isCommitted = false;
        var before = Database.Mark();
        var commits = Database.Commits;
        try
        {
            if (!before.IsKnown || before != LastCommit.After) // others have written since
                Audit.Begin();
            LastCommit = default;
            foreach (var write in batch)
                ExecuteOne(write);
            Database.Statement("COMMIT").Run();
            isCommitted = true;
            var after = Database.Mark();
            LastCommit = (before, after.IsNextAfter(before, Database.Commits != commits) ? after : default);
        }
        finally
        {
            if (!isCommitted)
                Audit.RolledBack();
            if (Database.IsInTransaction) // some failures have rolled back already
                Database.Statement("ROLLBACK").Run();
        }
    }

    public void Dispose() => Database.Dispose();

    private void ExecuteOne(Write<StoreConnection> write)
    {
        try
        {
            write.Execute(this);
        }
        catch (SqliteException e) when (e.Code == Native.Constraint)
        {
            write.Refusal = new AuditUnavailableException($"the record was refused: {e.Message}", e);
        }
    }
}
