namespace Oktsec.Storage.Sqlite;

/// <summary>The reading connection: never waits for the writer, which WAL allows, and is opened anew after a fault.</summary>
internal sealed class SqliteReader(string path) : IDisposable
{
    private readonly Lock _gate = new();
    private Database? _database;

    /// <exception cref="StoreException">There is no store, or it cannot be read.</exception>
    public T Read<T>(Func<Database, T> query)
    {
        lock (_gate)
        {
            try
            {
                if (_database?.HasMoved() == true)
                    Drop();
                return query(_database ??= Open());
            }
            catch (SqliteException e)
            {
                Drop();
                throw new StoreException($"{path} cannot be read: {e.Message}", e);
            }
        }
    }

    /// <summary>Where the log ends now; unknown when the file is not open.</summary>
    public LogMark Mark()
    {
        lock (_gate) // the memory is the connection's
            return _database?.Mark() ?? default;
    }

    public void Dispose()
    {
        lock (_gate)
            Drop();
    }

    private Database Open()
    {
        if (!File.Exists(path))
            throw new StoreException($"there is no store at {path} yet: it is created by the first call through oktsec");
        var opened = Database.Open(path, fullDurability: false);
        try
        {
            Schema.Migrate(opened);
            opened.Execute("PRAGMA query_only=ON");
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    private void Drop()
    {
        _database?.Dispose();
        _database = null;
    }
}
