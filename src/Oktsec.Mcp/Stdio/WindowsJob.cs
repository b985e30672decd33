using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Oktsec.Mcp.Stdio;

/// <summary>On Windows what <see cref="ProcessGuard"/> is on Linux: a job that ends with us, and everything we start with it.</summary>
/// <remarks>Written from the documentation (Win32, Job Objects; nested since Windows 8), not tested.</remarks>
[SupportedOSPlatform("windows")]
internal static unsafe partial class WindowsJob
{
    private const int ExtendedLimitInformation = 9;
    private const uint KillOnJobClose = 0x2000;

    // JOBOBJECT_EXTENDED_LIMIT_INFORMATION is 144 bytes in 64-bit Windows; LimitFlags stands after two 8-byte times.
    private const int InformationSize = 144;
    private const int FlagsOffset = 16;

    private static readonly Lazy<nint> s_job = new(Join);

    /// <summary>From here on every child of ours is in the job. The handle is never closed: the system does that when we end.</summary>
    public static void EnsureJoined() => _ = s_job.Value;

    private static nint Join()
    {
        var job = CreateJobObjectW(0, 0);
        var information = stackalloc byte[InformationSize];
        new Span<byte>(information, InformationSize).Clear();
        *(uint*)(information + FlagsOffset) = KillOnJobClose;
        if (job != 0 && SetInformationJobObject(job, ExtendedLimitInformation, information, InformationSize))
            AssignProcessToJobObject(job, GetCurrentProcess());
        return job;
    }

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial nint CreateJobObjectW(nint attributes, nint name);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetInformationJobObject(nint job, int kind, byte* information, int length);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool AssignProcessToJobObject(nint job, nint process);

    [LibraryImport("kernel32")]
    private static partial nint GetCurrentProcess();
}
