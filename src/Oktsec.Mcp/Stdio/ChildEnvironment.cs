using System.Collections;

namespace Oktsec.Mcp.Stdio;

/// <summary>The environment of a child: what a program needs to find itself at home, and what the configuration adds. No secret of ours.</summary>
internal static class ChildEnvironment
{
    // What the specification's own SDKs inherit (HOME, LOGNAME, PATH, SHELL, TERM, USER), and language, time zone and temporary folder.
    private static readonly string[] s_unix =
        ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "LANGUAGE", "TZ", "TMPDIR"];

    // Without SystemRoot sockets fail to start on Windows; without the rest node and python do not find their folders.
    private static readonly string[] s_windows =
    [
        "PATH", "PATHEXT", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "TEMP", "TMP", "USERNAME", "USERPROFILE", "USERDOMAIN", "HOMEDRIVE",
        "HOMEPATH", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROCESSOR_ARCHITECTURE",
        "NUMBER_OF_PROCESSORS", "OS",
    ];

    private static StringComparer Names => OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <param name="ours">Our environment, <see cref="Environment.GetEnvironmentVariables()"/>.</param>
    /// <param name="added">From <c>env:</c>; wins.</param>
    public static Dictionary<string, string> Build(IDictionary ours, IReadOnlyDictionary<string, string> added)
    {
        var environment = new Dictionary<string, string>(Names);
        foreach (DictionaryEntry entry in ours)
        {
            // A value that starts with "()" is a function that bash exported, and bash children would run it.
            if (entry is { Key: string name, Value: string value } && IsInherited(name) && !value.StartsWith("()", StringComparison.Ordinal))
                environment[name] = value;
        }
        foreach (var (name, value) in added)
            environment[name] = value;
        return environment;
    }

    private static bool IsInherited(string name) => OperatingSystem.IsWindows()
        ? s_windows.Contains(name, StringComparer.OrdinalIgnoreCase)
        : s_unix.Contains(name) || name.StartsWith("LC_", StringComparison.Ordinal);
}
