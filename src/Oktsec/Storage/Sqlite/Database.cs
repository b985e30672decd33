using System.Runtime.InteropServices;
using System.Text;

namespace Oktsec.Storage.Sqlite;

/// <summary>One connection: opened with our settings, its statements prepared once. Used by one thread at a time.</summary>
internal sealed unsafe class Database : IDisposable
{
    private readonly Dictionary<string, Statement> _statements = [];
    private int* _walState; // what the hook notes: frames, commits
    private byte* _logIndex; // SQLite's, in memory that all processes share; there as long as this connection

    private Database(nint handle) => Handle = handle;

    public nint Handle { get; private set; }

    /// <summary>Frames in the write-ahead log after this connection's last commit.</summary>
    public int WalFrames => _walState[0];

    /// <summary>How many commits of this connection wrote something; it wraps.</summary>
    public int Commits => _walState[1];

    public bool IsInTransaction => Native.IsAutoCommit(Handle) == 0;

    /// <summary>Opens an existing file.</summary>
    /// <exception cref="SqliteException">It cannot be opened, or is no database.</exception>
    /// <exception cref="StoreException">Others may write it.</exception>
    public static Database Open(string path, bool fullDurability)
    {
        // The log and its index too: what is in the log counts as committed.
        foreach (var file in (ReadOnlySpan<string>)[path, path + "-wal", path + "-shm"])
            OwnedFile.RefuseIfOthersWrite(file);
        var code = Native.Open(path, out var handle, Native.OpenReadWrite | Native.OpenNoMutex, null);
        if (code != Native.Ok)
        {
            var failure = SqliteException.From(handle, code, $"open {path}");
            _ = Native.Close(handle);
            throw failure;
        }
        var database = new Database(handle);
        try
        {
            database._walState = (int*)NativeMemory.AllocZeroed(2 * sizeof(int));
            _ = Native.SetBusyHandler(handle, &WaitForLock, 0);
            // recursive_triggers: without it INSERT OR REPLACE would delete a record past the trigger that refuses deletions.
            // trusted_schema off: a schema somebody else wrote into the file cannot call functions with side effects.
            database.Execute($"""
                PRAGMA journal_mode=WAL;
                PRAGMA synchronous={(fullDurability ? "FULL" : "NORMAL")};
                PRAGMA recursive_triggers=ON;
                PRAGMA trusted_schema=OFF;
                """);
            // Takes the place of SQLite's own checkpoint inside COMMIT: two fsyncs there would be in the path of a call.
            _ = Native.SetWalHook(handle, &NoteWalFrames, (nint)database._walState);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>The prepared statement of this text.</summary>
    public Statement Statement(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new Statement(this, sql); // throws when the schema is not what it should be: then there is nothing to keep
            _statements.Add(sql, statement);
        }
        return statement;
    }

    /// <summary>Runs one or more statements without parameters.</summary>
    public void Execute(string sql)
    {
        var bytes = Encoding.UTF8.GetBytes(sql);
        fixed (byte* start = bytes)
        {
            for (byte* at = start, end = start + bytes.Length; at < end;)
            {
                var code = Native.Prepare(Handle, at, (int)(end - at), 0, out var statement, out at);
                if (code == Native.Ok && statement != 0)
                {
                    do
                        code = Native.Step(statement);
                    while (code == Native.Row);
                }
                var failure = code is Native.Ok or Native.Done ? null : SqliteException.From(Handle, code, "execute");
                _ = Native.Finalize(statement);
                if (failure is not null)
                    throw failure;
            }
        }
    }

    public long Scalar(string sql)
    {
        var statement = Statement(sql);
        var value = statement.Step() ? statement.Int64(0) : 0;
        statement.Reset();
        return value;
    }

    /// <summary>Whether the file was deleted or replaced since it was opened: what is written now would vanish with it.</summary>
    public bool HasMoved()
    {
        var moved = 0;
        return Native.FileControl(Handle, null, Native.FileControlHasMoved, &moved) == Native.Ok && moved != 0;
    }

    /// <summary>Where the log ends now. Costs no system call, and takes no lock.</summary>
    public LogMark Mark()
    {
        if (_logIndex is null)
            _logIndex = FindLogIndex();
        return LogMark.Read(_logIndex);
    }

    /// <summary>Copies committed frames into the database file; never waits for readers or writers.</summary>
    /// <returns>Whether the whole log was copied, so that the next writer starts it afresh.</returns>
    public bool Checkpoint() =>
        Native.Checkpoint(Handle, null, Native.CheckpointPassive, out var frames, out var done) == Native.Ok && frames == done;

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _statements.Clear();
        _logIndex = null;
        _ = Native.Close(Handle);
        Handle = 0;
        NativeMemory.Free(_walState);
        _walState = null;
    }

    // Through SQLite's own file object: opening the file ourselves would, on closing it, take away the locks that SQLite holds on it.
    private byte* FindLogIndex()
    {
        Native.FileObject* file;
        void* index = null;
        if (Native.FileControl(Handle, null, Native.FileControlFilePointer, &file) != Native.Ok || file is null || file->Methods is null || file->Methods->Version < 2)
            return null;
        return file->Methods->ShmMap(file, 0, Native.ShmRegionBytes, 0, &index) == Native.Ok ? (byte*)index : null;
    }

    [UnmanagedCallersOnly]
    private static int NoteWalFrames(nint state, nint database, byte* schema, int frames)
    {
        ((int*)state)[0] = frames;
        ((int*)state)[1]++;
        return Native.Ok;
    }

    /// <summary>Called while another process holds the lock we need; 0 gives up.</summary>
    [UnmanagedCallersOnly]
    private static int WaitForLock(nint state, int attempt)
    {
        // A commit takes some 20 µs, SQLite's own handler would sleep at least 1 ms: first yield, then sleep.
        // 50 yields, then 2500 sleeps of 2 ms: about five seconds, after which the write is refused.
        if (attempt < 50)
            Thread.Yield();
        else if (attempt < 2550)
            _ = Native.Sleep(2);
        else
            return 0;
        return 1;
    }
}
