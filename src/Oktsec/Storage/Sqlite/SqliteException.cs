using System.Runtime.InteropServices;

namespace Oktsec.Storage.Sqlite;

/// <summary>A call into SQLite that failed.</summary>
internal sealed class SqliteException(int extendedCode, string message) : Exception(message)
{
    /// <summary>Primary result code: the low byte of the extended one.</summary>
    public int Code => extendedCode & 0xff;

    public static unsafe SqliteException From(nint database, int code, string doing)
    {
        // The connection's own message may belong to an earlier call when there is no connection at all.
        var text = Marshal.PtrToStringUTF8((nint)(database == 0 ? Native.ErrorText(code) : Native.ErrorMessage(database)));
        var extended = database == 0 ? code : Native.ExtendedErrorCode(database);
        return new SqliteException(extended == Native.Ok ? code : extended, $"{doing}: {text} (SQLite code {extended})");
    }
}
