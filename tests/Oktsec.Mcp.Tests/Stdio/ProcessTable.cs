namespace Oktsec.Mcp.Tests.Stdio;

/// <summary>Looks into /proc.</summary>
internal static class ProcessTable
{
    /// <summary>Whether the process table has it, be it as a zombie.</summary>
    public static bool IsThere(int pid) => Directory.Exists($"/proc/{pid}");

    public static bool IsRunning(int pid) => Fields(pid) is [_, not "Z", ..];

    public static (int Group, int Session) GroupAndSession(int pid) => Fields(pid) is [_, _, _, var group, var session, ..] ? (int.Parse(group), int.Parse(session)) : default;

    public static IEnumerable<int> ChildrenOf(int pid) =>
        Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!))
            .Where(other => Fields(other) is [_, _, var parent, ..] && int.Parse(parent) == pid);

    public static Predicate<int> IsZombieOf(string name) => pid => Fields(pid) is [var program, "Z", ..] && program == name;

    // "pid (program) state parent group session ...": the program may contain anything, so from its last parenthesis on.
    private static string[] Fields(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return [stat[(stat.IndexOf('(') + 1)..stat.LastIndexOf(')')], .. stat[(stat.LastIndexOf(')') + 2)..].Split(' ')];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
