using System.Runtime.InteropServices;
using System.Text;

namespace Oktsec.Storage.Sqlite;

/// <summary>One prepared statement, kept for the life of its connection. Bind every parameter before each run. Used by one thread at a time.</summary>
internal sealed unsafe class Statement : IDisposable
{
    // Text is encoded here and bound without a copy. A record without findings takes about 300 bytes; what does not fit is copied by SQLite.
    private const int ScratchBytes = 4096;

    private readonly Database database;
    private nint handle;
    private byte* scratch;
    private int used;

    public Statement(Database database, string sql)
    {
        this.database = database;
        var bytes = Encoding.UTF8.GetBytes(sql);
        fixed (byte* start = bytes)
        {
            var code = Native.Prepare(database.Handle, start, bytes.Length, Native.PreparePersistent, out handle, out _);
            if (code != Native.Ok)
                throw SqliteException.From(database.Handle, code, "prepare");
        }
        scratch = (byte*)NativeMemory.Alloc(ScratchBytes);
    }

    public void Bind(int index, long value) => Check(Native.BindInt64(handle, index, value));

    public void Bind(int index, ReadOnlySpan<char> text)
    {
        if (Encoding.UTF8.TryGetBytes(text, new Span<byte>(scratch + used, ScratchBytes - used), out var written))
        {
            Check(Native.BindText(handle, index, scratch + used, written, Native.Static));
            used += written;
            return;
        }
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        BindUtf8(index, bytes);
    }

    public void BindUtf8(int index, ReadOnlySpan<byte> text)
    {
        // An empty span has a null pointer, which SQLite would take for NULL.
        fixed (byte* start = text)
            Check(Native.BindText(handle, index, text.IsEmpty ? scratch : start, text.Length, Native.Transient));
    }

    public void BindBlob(int index, ReadOnlySpan<byte> blob)
    {
        fixed (byte* start = blob)
            Check(Native.BindBlob(handle, index, blob.IsEmpty ? scratch : start, blob.Length, Native.Transient));
    }

    public void BindNull(int index) => Check(Native.BindNull(handle, index));

    /// <summary>Whether there is a next row. After the last one, and after a failure, the statement is ready for its next run.</summary>
    public bool Step()
    {
        var code = Native.Step(handle);
        if (code == Native.Row)
            return true;
        var failure = code == Native.Done ? null : SqliteException.From(database.Handle, code, "step");
        Reset();
        return failure is null ? false : throw failure;
    }

    /// <summary>Runs a statement that returns no rows, or whose rows do not matter.</summary>
    public void Run()
    {
        if (Step())
            Reset();
    }

    public void Reset()
    {
        _ = Native.Reset(handle); // repeats the code of the last step, which was reported there
        used = 0;
    }

    public bool IsNull(int column) => Native.ColumnType(handle, column) == 5; // SQLITE_NULL

    public long Int64(int column) => Native.ColumnInt64(handle, column);

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    /// <summary>Valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Bytes(int column)
    {
        var start = Native.ColumnBlob(handle, column); // before ColumnBytes, as the interface demands
        return new ReadOnlySpan<byte>(start, Native.ColumnBytes(handle, column));
    }

    public void Dispose()
    {
        if (handle == 0)
            return;
        _ = Native.Finalize(handle);
        handle = 0;
        NativeMemory.Free(scratch);
        scratch = null;
    }

    private void Check(int code)
    {
        if (code != Native.Ok)
            throw SqliteException.From(database.Handle, code, "bind");
    }
}
