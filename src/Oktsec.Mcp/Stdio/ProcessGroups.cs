using System.Globalization;
using System.Text;

namespace Oktsec.Mcp.Stdio;

/// <summary>What the kernel says of the members of a process group; only where there is a /proc.</summary>
internal static class ProcessGroups
{
    /// <summary>Whether a member is stopped (SIGSTOP, a debugger): it answers nothing until somebody continues it.</summary>
    public static bool HasStopped(int group)
    {
        try
        {
            return Directory.Exists("/proc") && Directory.EnumerateDirectories("/proc").Any(folder => char.IsAsciiDigit(folder[^1]) && IsStopped(folder, group));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // proc(5): "PID (NAME) STATE PPID PGRP ..."; the name may hold anything, brackets too.
    private static bool IsStopped(string folder, int group)
    {
        try
        {
            var stat = File.ReadAllText(Path.Join(folder, "stat"), Encoding.Latin1);
            var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', 5, StringSplitOptions.RemoveEmptyEntries);
            return fields is ["T" or "t", _, var own, ..] && int.Parse(own, CultureInfo.InvariantCulture) == group;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it ended meanwhile
        }
    }
}
