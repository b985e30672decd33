using System.Reflection;
using System.Runtime.InteropServices;

namespace Oktsec.Storage.Sqlite;

/// <summary>Decides once which SQLite is loaded: the system's when it is newer than the one we ship, so that its security fixes arrive with the system's.</summary>
internal static unsafe class NativeLibraryChoice
{
    // 3.35.5, the engine inside SQLitePCLRaw.lib.e_sqlite3 2.0.6.
    private const int ShippedVersion = 3_035_005;

    public static string Source { get; private set; } = "shipped";

    /// <summary>For <c>doctor</c>: <c>3.40.1 (system)</c>.</summary>
    public static string Describe()
    {
        var number = Native.VersionNumber();
        return $"{number / 1_000_000}.{number / 1000 % 1000}.{number % 1000} ({Source})";
    }

    public static void Register() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != "e_sqlite3" || !OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libsqlite3.so.0", out var system))
            return 0; // the runtime's own search

        // A build without thread safety would break on our connections, which move between threads.
        if (Call(system, "sqlite3_libversion_number") > ShippedVersion && Call(system, "sqlite3_threadsafe") != 0)
        {
            Source = "system";
            return system;
        }
        NativeLibrary.Free(system);
        return 0;
    }

    private static int Call(nint library, string function) =>
        NativeLibrary.TryGetExport(library, function, out var address) ? ((delegate* unmanaged<int>)address)() : 0;
}
