using System.Runtime.InteropServices;

namespace Oktsec.Mcp.Stdio;

/// <summary>The system calls that .NET does not offer: spawn into a new session, signal a group, look at an exit without reaping.</summary>
/// <remarks>Linux, 64 bit; glibc 2.29 or musl 1.1.24 (posix_spawn_file_actions_addchdir_np).</remarks>
internal static unsafe partial class Posix
{
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int OpenCloseOnExec = 0x80000;
    public const int OpenNonBlocking = 0x800;
    public const int SetFileFlags = 4; // F_SETFL
    public const int NoChild = 10;
    public const short PollError = 0x08; // POLLERR: a pipe that nobody reads
    public const short PollReadEnd = 0x2000; // POLLRDHUP: a socket whose other end says no more
    public const short PollHangUp = 0x10; // POLLHUP: a socket or terminal whose other end is gone

    public const short SpawnSetSignalDefault = 0x04;
    public const short SpawnSetSignalMask = 0x08;
    public const short SpawnSetSession = 0x80;

    public const int WaitForPid = 1; // P_PID
    public const int WaitNoHang = 1;
    public const int WaitExited = 4;
    public const int WaitLeaveZombie = 0x01000000; // WNOWAIT

    // posix_spawn_file_actions_t is 80 bytes and posix_spawnattr_t 336 in glibc, sigset_t and siginfo_t 128; all are smaller in musl.
    public const int SpawnStructSize = 512;
    public const int SignalSetSize = 128;
    public const int SignalInfoSize = 128;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* fds, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int fd, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int fd, byte* bytes, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollEntry* entries, nuint count, int milliseconds);

    /// <summary>struct pollfd.</summary>
    public struct PollEntry
    {
        public int Handle;
        public short Wanted;
        public short Happened;
    }

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitid(int idType, int id, byte* signalInfo, int options);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_adddup2(byte* actions, int fd, int target);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_addclose(byte* actions, int fd);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int fd);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int posix_spawn_file_actions_addchdir_np(byte* actions, string path);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigmask(byte* attributes, byte* mask);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int posix_spawn(int* pid, string path, byte* actions, byte* attributes, byte** arguments, byte** environment);
}
