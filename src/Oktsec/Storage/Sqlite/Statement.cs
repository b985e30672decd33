using System.Runtime.InteropServices;
using System.Text;

namespace Oktsec.Storage.Sqlite;

/// <summary>One prepared statement, kept for the life of its connection. Bind every parameter before each run. Used by one thread at a time.</summary>
internal sealed unsafe class Statement : IDisposable
{
    // Text is encoded here and bound without a copy. A record without findings takes about 300 bytes; what does not fit is copied by SQLite.
    private const int ScratchBytes = 4096;

    private readonly Database _database;
    private nint _handle;
    private byte* _scratch;
    private int _used;

    public Statement(Database database, string sql)
    {
        _database = database;
        var bytes = Encoding.UTF8.GetBytes(sql);
        fixed (byte* start = bytes)
        {
            var code = Native.Prepare(database.Handle, start, bytes.Length, Native.PreparePersistent, out _handle, out _);
            if (code != Native.Ok)
                throw SqliteException.From(database.Handle, code, "prepare");
        }
        _scratch = (byte*)NativeMemory.Alloc(ScratchBytes);
    }

    public void Bind(int index, long value) => Check(Native.BindInt64(_handle, index, value));

    public void Bind(int index, ReadOnlySpan<char> text)
    {
        if (Encoding.UTF8.TryGetBytes(text, new Span<byte>(_scratch + _used, ScratchBytes - _used), out var written))
        {
            Check(Native.BindText(_handle, index, _scratch + _used, written, Native.Static));
            _used += written;
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
            Check(Native.BindText(_handle, index, text.IsEmpty ? _scratch : start, text.Length, Native.Transient));
    }

    public void BindBlob(int index, ReadOnlySpan<byte> blob)
    {
        fixed (byte* start = blob)
            Check(Native.BindBlob(_handle, index, blob.IsEmpty ? _scratch : start, blob.Length, Native.Transient));
    }

    public void BindNull(int index) => Check(Native.BindNull(_handle, index));

    /// <summary>Whether there is a next row. After the last one, and after a failure, the statement is ready for its next run.</summary>
    public bool Step()
    {
        var code = Native.Step(_handle);
        if (code == Native.Row)
            return true;
        var failure = code == Native.Done ? null : SqliteException.From(_database.Handle, code, "step");
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
        _ = Native.Reset(_handle); // repeats the code of the last step, which was reported there
        _used = 0;
    }

    public bool IsNull(int column) => Native.ColumnType(_handle, column) == 5; // SQLITE_NULL

    public long Int64(int column) => Native.ColumnInt64(_handle, column);

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    /// <summary>Valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Bytes(int column)
    {
        var start = Native.ColumnBlob(_handle, column); // before ColumnBytes, as the interface demands
        return new ReadOnlySpan<byte>(start, Native.ColumnBytes(_handle, column));
    }

    public void Dispose()
    {
        if (_handle == 0)
            return;
        _ = Native.Finalize(_handle);
        _handle = 0;
        NativeMemory.Free(_scratch);
        _scratch = null;
    }

    private void Check(int code)
    {
        if (code != Native.Ok)
            throw SqliteException.From(_database.Handle, code, "bind");
    }
}
