using System.Globalization;
using System.Runtime.InteropServices;

namespace Oktsec.Hosting;

/// <summary>
/// The pages of the program's file that only its start needed. They count as resident memory of each process that has read them once; given back, they stay in the system's
/// cache, and what is used again is found there.
/// </summary>
internal static partial class ProgramPages
{
    private const int DontNeed = 4; // MADV_DONTNEED, all architectures of Linux but parisc

    /// <summary>Gives back what is only read and was never changed; on other systems than Linux nothing.</summary>
    public static void Release()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            var (start, end, isFile) = (0UL, 0UL, false);
            foreach (var line in File.ReadLines("/proc/self/smaps"))
            {
                // "7f0c1c000000-7f0c1c021000 r-xp 00000000 fe:00 5537793   /path", then "Anonymous:   0 kB" and others.
                if (line.StartsWith("Anonymous:", StringComparison.Ordinal))
                {
                    // A page that was changed is anonymous, and would come back as the file has it.
                    if (isFile && line.AsSpan("Anonymous:".Length).Trim() is "0 kB")
                        _ = Advise((nint)start, (nuint)(end - start), DontNeed);
                    isFile = false;
                }
                else if (line.IndexOf(' ') is > 0 and var space && line.IndexOf('-') is > 0 and var dash && dash < space
                    && ulong.TryParse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out start)
                    && ulong.TryParse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out end))
                {
                    isFile = line.AsSpan(space + 1).StartsWith("r") && line[space + 2] == '-' && line[space + 4] == 'p' && line.Contains('/') && !line.EndsWith("(deleted)", StringComparison.Ordinal);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without /proc the pages stay.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nuint length, int advice);
}
