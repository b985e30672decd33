using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Oktsec.Storage.Sqlite;

/// <summary>Decides once which SQLite is loaded: the system's when it is newer than the one we ship, so that its security fixes arrive with the system's.</summary>
internal static unsafe partial class NativeLibraryChoice
{
    /// <summary>3.35.5, the engine inside SQLitePCLRaw.lib.e_sqlite3 2.0.6.</summary>
    internal const int ShippedVersion = 3_035_005;

    private const string ResourceName = "libe_sqlite3.so";

    private const uint CloseOnExec = 1; // MFD_CLOEXEC

    private static readonly Lazy<nint> s_choice = new(Choose);

    public static string Source { get; private set; } = "shipped";

    /// <summary>For <c>doctor</c>: <c>3.40.1 (system)</c>.</summary>
    public static string Describe()
    {
        var number = Native.VersionNumber();
        return $"{number / 1_000_000}.{number / 1000 % 1000}.{number % 1000} ({Source})";
    }

    public static void Register() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Resolve);

    // The runtime asks for each function. Two libraries would be two SQLites, each knowing half of what is open.
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == "e_sqlite3" && OperatingSystem.IsLinux() ? s_choice.Value : 0; // 0: the runtime's own search

    private static nint Choose()
    {
        if (NativeLibrary.TryLoad("libsqlite3.so.0", out var system))
        {
            // A build without thread safety would break on our connections, which move between threads.
            if (Call(system, "sqlite3_libversion_number") > ShippedVersion && Call(system, "sqlite3_threadsafe") != 0)
            {
                Source = "system";
                return system;
            }
            NativeLibrary.Free(system);
        }
        using var shipped = typeof(Native).Assembly.GetManifestResourceStream(ResourceName);
        return shipped is null ? 0 : LoadFromMemory(shipped);
    }

    /// <summary>Loads a library that is no file: there may be no folder that we can write to, or execute from. 0 when the kernel does not allow that.</summary>
    internal static nint LoadFromMemory(Stream library)
    {
        var file = memfd_create(ResourceName, CloseOnExec);
        if (file < 0)
            return 0;
        using var handle = new SafeFileHandle(file, ownsHandle: true); // what is mapped stays when it is closed
        var bytes = new byte[library.Length];
        library.ReadExactly(bytes);
        RandomAccess.Write(handle, bytes, 0);
        return NativeLibrary.TryLoad($"/proc/self/fd/{file}", out var loaded) ? loaded : 0;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    /// <summary>What a function without arguments returns; 0 when there is none.</summary>
    internal static int Call(nint library, string function) =>
        NativeLibrary.TryGetExport(library, function, out var address) ? ((delegate* unmanaged<int>)address)() : 0;
}
