namespace Oktsec.Mcp.Stdio;

/// <summary>Finds the file behind <c>command:</c>, so that what runs is decided here and not by a shell.</summary>
internal static class CommandLookup
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The absolute path of <paramref name="command"/>.</summary>
    /// <param name="path">The child's PATH.</param>
    /// <param name="cwd">The child's working directory: where a relative path with a slash starts.</param>
    /// <exception cref="ChildStartException">There is no such program.</exception>
    public static string Resolve(string command, string? path, string? cwd)
    {
        if (command.Length == 0)
            throw new ChildStartException("no command is configured; set command");
        if (command.Contains(Path.DirectorySeparatorChar) || command.Contains('/'))
        {
            var full = Path.GetFullPath(command, cwd ?? Environment.CurrentDirectory);
            return Candidates(full).FirstOrDefault(IsProgram)
                ?? throw new ChildStartException($"{full} is not an executable file; see command");
        }
        // A relative entry (".", "bin", an empty one) would let the working directory decide what runs.
        foreach (var folder in (path ?? "").Split(Path.PathSeparator).Where(Path.IsPathFullyQualified))
        {
            if (Candidates(Path.Combine(folder, command)).FirstOrDefault(IsProgram) is { } found)
                return found;
        }
        throw new ChildStartException($"\"{command}\" is not on PATH; install it, or write its absolute path as command");
    }

    // Windows: npx is npx.cmd. In the order of the default PATHEXT; a .ps1 or .vbs is not a program.
    private static string[] Candidates(string file) =>
        !OperatingSystem.IsWindows() || Path.HasExtension(file) ? [file] : [file + ".exe", file + ".cmd", file + ".bat"];

    private static bool IsProgram(string file) =>
        File.Exists(file) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & AnyExecute) != 0);
}
