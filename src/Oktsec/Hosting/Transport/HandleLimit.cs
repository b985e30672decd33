using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Oktsec.Hosting.Transport;

/// <summary>
/// How near the process is to the end of its file handles. The runtime opens two for every thread it starts and ends the process when it cannot, so connections must never
/// take the last ones.
/// </summary>
internal static partial class HandleLimit
{
    /// <summary>Handles that are kept free for threads, records and backends.</summary>
    public const int Spare = 32;

    // RLIMIT_NOFILE of sys/resource.h on Linux.
    private const int OpenFiles = 7;

    /// <summary>Whether this handle is one of the last. The system gives the lowest number that is free, so a number tells how many are taken.</summary>
    public static bool IsNear(SafeHandle handle) => GetLimit(OpenFiles, out var limit) == 0 && (ulong)handle.DangerousGetHandle() + Spare >= limit.Soft;

    /// <summary>Whether the next handle would be one of the last. Asked with a socket: a process that listens can open those wherever it runs.</summary>
    /// <param name="family">Of the socket that listens.</param>
    public static bool IsNear(AddressFamily family)
    {
        try
        {
            using var probe = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
            return IsNear(probe.SafeHandle);
        }
        catch (SocketException)
        {
            return true;
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
