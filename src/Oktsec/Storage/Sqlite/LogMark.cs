using System.Runtime.InteropServices;

namespace Oktsec.Storage.Sqlite;

/// <summary>A place in the log of one database file: two marks are the same only when nobody, in any process, has committed between them.</summary>
/// <remarks>
/// The first 48 bytes of the index of SQLite's write-ahead log, <see href="https://sqlite.org/walformat.html#walidxfmt"/>: they hold the number of the last change,
/// the length of the log and its running checksum, and every process that has the file open shares them in memory.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct LogMark
{
    public const int Bytes = 48;

    private readonly ulong _version; // 4 bytes of version, 4 unused
    private readonly uint _change;   // counts commits
    private readonly uint _flags;    // a byte of its own says that the index is in use; checksum order, page size
    private readonly ulong _frames;  // frames in the log, pages in the database
    private readonly ulong _frameChecksum;
    private readonly ulong _salt;
    private readonly ulong _checksum;

    /// <summary>False when it could not be read, or somebody was writing it: nothing follows from such a mark, not even from two equal ones.</summary>
    public bool IsKnown => this != default;

    /// <summary>Whether nobody but us has committed between them.</summary>
    /// <param name="before">Read while holding the lock for writing.</param>
    /// <param name="hasWritten">Whether our commit wrote something; one that did not is not counted.</param>
    public bool IsNextAfter(LogMark before, bool hasWritten) =>
        IsKnown && before.IsKnown && (hasWritten ? _change == before._change + 1 : this == before);

    /// <param name="index">The index of the log in shared memory. Null: unknown.</param>
    public static unsafe LogMark Read(byte* index)
    {
        if (index is null)
            return default;
        // There are two copies. Whoever commits writes the second first; they differ only while that happens.
        var second = Copy(index + Bytes);
        Interlocked.MemoryBarrier();
        var first = Copy(index);
        return first == second && (first._flags & 0xff) != 0 ? first : default;
    }

    private static unsafe LogMark Copy(byte* from)
    {
        LogMark mark;
        var to = (ulong*)&mark;
        for (var i = 0; i < Bytes / sizeof(ulong); i++)
            to[i] = Volatile.Read(ref ((ulong*)from)[i]);
        return mark;
    }
}
