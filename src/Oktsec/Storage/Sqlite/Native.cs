using System.Runtime.InteropServices;

namespace Oktsec.Storage.Sqlite;

/// <summary>The part of SQLite's C interface that the store uses, named as in <see href="https://sqlite.org/c3ref/funclist.html"/>.</summary>
/// <remarks>
/// <see cref="SuppressGCTransitionAttribute"/> stands only on calls that copy a word or a pointer and never touch a file:
/// the garbage collector waits while one runs.
/// </remarks>
internal static unsafe partial class Native
{
    public const int Ok = 0;
    public const int Busy = 5;
    public const int Locked = 6;
    public const int Full = 13;
    public const int Constraint = 19;
    public const int Row = 100;
    public const int Done = 101;

    public const int OpenReadWrite = 0x2;
    public const int OpenNoMutex = 0x8000;
    public const int FileControlFilePointer = 7;
    public const int FileControlHasMoved = 20;
    public const int PreparePersistent = 1;
    public const int CheckpointPassive = 0;

    /// <summary>Destructor argument of a bind: the memory outlives the statement's next reset.</summary>
    public const nint Static = 0;

    /// <summary>Destructor argument of a bind: SQLite copies the memory before it returns.</summary>
    public const nint Transient = -1;

    /// <summary>How SQLite divides the index of its log: the size of one part of it.</summary>
    public const int ShmRegionBytes = 32 * 1024;

    private const string Library = "e_sqlite3";

    static Native() => NativeLibraryChoice.Register();

    [LibraryImport(Library, EntryPoint = "sqlite3_libversion_number")]
    public static partial int VersionNumber();

    [LibraryImport(Library, EntryPoint = "sqlite3_open_v2", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, out nint database, int flags, string? vfs);

    [LibraryImport(Library, EntryPoint = "sqlite3_close_v2")]
    public static partial int Close(nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_extended_errcode")]
    public static partial int ExtendedErrorCode(nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_errmsg")]
    public static partial byte* ErrorMessage(nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_errstr")]
    public static partial byte* ErrorText(int code);

    [LibraryImport(Library, EntryPoint = "sqlite3_get_autocommit")]
    public static partial int IsAutoCommit(nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_busy_handler")]
    public static partial int SetBusyHandler(nint database, delegate* unmanaged<nint, int, int> handler, nint state);

    [LibraryImport(Library, EntryPoint = "sqlite3_wal_hook")]
    public static partial nint SetWalHook(nint database, delegate* unmanaged<nint, nint, byte*, int, int> hook, nint state);

    [LibraryImport(Library, EntryPoint = "sqlite3_wal_checkpoint_v2")]
    public static partial int Checkpoint(nint database, byte* schema, int mode, out int logFrames, out int checkpointedFrames);

    [LibraryImport(Library, EntryPoint = "sqlite3_file_control")]
    public static partial int FileControl(nint database, byte* schema, int operation, void* argument);

    [LibraryImport(Library, EntryPoint = "sqlite3_sleep")]
    public static partial int Sleep(int milliseconds);

    [LibraryImport(Library, EntryPoint = "sqlite3_prepare_v3")]
    public static partial int Prepare(nint database, byte* sql, int bytes, uint flags, out nint statement, out byte* tail);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    public static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_finalize")]
    public static partial int Finalize(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    public static partial int Reset(nint statement);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64")]
    public static partial int BindInt64(nint statement, int index, long value);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "sqlite3_bind_null")]
    public static partial int BindNull(nint statement, int index);

    // Not suppressed: with Transient these copy, and a copy may be megabytes of held content.
    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text")]
    public static partial int BindText(nint statement, int index, byte* text, int bytes, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_blob")]
    public static partial int BindBlob(nint statement, int index, byte* blob, int bytes, nint destructor);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "sqlite3_column_type")]
    public static partial int ColumnType(nint statement, int column);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64")]
    public static partial long ColumnInt64(nint statement, int column);

    // Not suppressed: SQLite may first have to read the rest of a long value from the file.
    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob")]
    public static partial byte* ColumnBlob(nint statement, int column);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes")]
    public static partial int ColumnBytes(nint statement, int column);

    /// <summary>An open file, <see href="https://sqlite.org/c3ref/file.html"/>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FileObject
    {
        public FileMethods* Methods;
    }

    /// <summary>What can be done with it, <see href="https://sqlite.org/c3ref/io_methods.html"/>; only what we call has a name.</summary>
    [StructLayout(LayoutKind.Explicit)]
    public struct FileMethods
    {
        [FieldOffset(0)]
        public int Version;

        /// <summary>Since version 2. Behind the version, filled up to a pointer's size, and twelve others. File, part, its size, whether to make it when it is not there.</summary>
        [FieldOffset(13 * 8)]
        public delegate* unmanaged<FileObject*, int, int, int, void**, int> ShmMap;
    }
}
