using System.Runtime.InteropServices;

namespace Oktsec.Benchmarks.Scanning;

/// <summary>CPU time of this thread: what a busy machine takes from it does not count.</summary>
internal static partial class ThreadTime
{
    // CLOCK_THREAD_CPUTIME_ID of linux/time.h
    private const int ThreadCpuTime = 3;

    public static double Microseconds => ClockGetTime(ThreadCpuTime, out var time) == 0 ? time.Seconds * 1e6 + time.Nanoseconds / 1e3 : throw new InvalidOperationException("no thread clock");

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
