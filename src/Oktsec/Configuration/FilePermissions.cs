using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Oktsec.Configuration;

/// <summary>Refuses files that somebody else may write: a configuration names commands, a store holds the record, a key signs it.</summary>
/// <remarks>Linux. On other systems the mode is checked where .NET knows it, the owner is not.</remarks>
internal static class FilePermissions
{
    /// <summary>What is wrong with a file and what to do, or null when it is fine. An absent file is judged by its folder, where it will be created.</summary>
    public static (string Problem, string Remedy)? Check(string path)
    {
        if (!OperatingSystem.IsLinux())
            return CheckMode(path);
        return FileOwner.Of(path) is { } file ? Check(path, file) : CheckFolder(path);
    }

    /// <summary>The same for a file that is open, so that it cannot be exchanged between check and use.</summary>
    public static (string Problem, string Remedy)? Check(string path, SafeFileHandle open)
    {
        if (!OperatingSystem.IsLinux())
            return CheckMode(path);
        return FileOwner.Of(open) is { } file ? Check(path, file) : ("cannot be looked at", $"ls -l {path}");
    }

    /// <summary>As above, of facts already known.</summary>
    internal static (string Problem, string Remedy)? Check(FileFacts file, uint user, string path)
    {
        if (file.IsFolder)
            return ("is a folder", "name a file");
        if (!file.IsRegular)
            return ("is not a regular file", "name a file");
        // Root may write everything anyway.
        if (file.Owner != user && file.Owner != 0)
            return ($"belongs to another user (uid {file.Owner})", $"chown {user} {path}");
        return file.GroupOrOthersWrite ? ("others may write it", $"chmod go-w {path}") : null;
    }

    [SupportedOSPlatform("linux")]
    private static (string Problem, string Remedy)? Check(string path, FileFacts file) => Check(file, FileOwner.CurrentUser(), path) ?? CheckFolder(path);

    [SupportedOSPlatform("linux")]
    private static (string Problem, string Remedy)? CheckFolder(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        return FileOwner.Of(folder) is { AnybodyReplaces: true }
            ? ("anybody may replace it: its folder is writable for all", $"chmod o-w {folder}")
            : null;
    }

    private static (string Problem, string Remedy)? CheckMode(string path) =>
        !OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0
            ? ("others may write it", $"chmod go-w {path}")
            : null;
}
