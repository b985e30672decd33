using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Oktsec.Mcp.Polling;

/// <summary>epoll(7), read and write as <see cref="Poller"/> needs them. Linux, 64 bit.</summary>
internal static unsafe partial class Epoll
{
    public const uint In = 0x1;
    public const uint Out = 0x4;
    public const uint Error = 0x8;
    public const uint HangUp = 0x10;
    public const uint ReadHangUp = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    public const int Add = 1;
    public const int Delete = 2;

    public const int CloseOnExec = 0x80000;

    public const int Interrupted = 4;   // EINTR
    public const int WouldBlock = 11;   // EAGAIN

    // struct epoll_event is packed on x86-64 and nowhere else.
    private static readonly int s_dataAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    public static int EventSize => s_dataAt + sizeof(long);

    public static (uint Mask, long Id) Event(ReadOnlySpan<byte> bytes) =>
        (BinaryPrimitives.ReadUInt32LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[s_dataAt..]));

    public static int Control(int epoll, int operation, SafeHandle handle, uint mask, long id)
    {
        var change = stackalloc byte[16];
        *(uint*)change = mask;
        *(long*)(change + s_dataAt) = id;
        return epoll_ctl(epoll, operation, handle, change);
    }

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_wait(int epoll, byte* events, int capacity, int timeoutMs);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(SafeHandle handle, byte* bytes, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(SafeHandle handle, byte* bytes, nint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, SafeHandle handle, byte* change);
}
