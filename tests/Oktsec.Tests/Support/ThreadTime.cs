using System.Globalization;

namespace Oktsec.Tests.Support;

/// <summary>Processor time of the thread that asks: what a busy machine takes from it does not count.</summary>
internal static class ThreadTime
{
    /// <summary>Nanoseconds are the first of three numbers (Documentation/scheduler/sched-stats.rst of Linux).</summary>
    public static TimeSpan Now =>
        TimeSpan.FromMicroseconds(long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) / 1000.0);
}
