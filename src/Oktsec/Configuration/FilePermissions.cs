using Microsoft.Win32.SafeHandles;

namespace Oktsec.Configuration;

/// <summary>Refuses files that somebody else may write: a configuration names commands, a store holds the record, a key signs it.</summary>
/// <remarks>Linux. On other systems the mode is checked where .NET knows it, the owner is not.</remarks>
internal static class FilePermissions
{
    /// <summary>What is wrong with an existing file and what to do, or null when it is fine or absent.</summary>
    public static (string Problem, string Remedy)? Check(string path)
    {
        if (!File.Exists(path))
            return Directory.Exists(path) ? ("is a folder", "name a file") : null;
        if (!OperatingSystem.IsLinux())
            return CheckMode(path);
        return FileOwner.Of(path) is { } facts ? Check(path, facts) : ("cannot be looked at", $"ls -l {path}");
    }

    /// <summary>The same for a file that is open, so that it cannot be exchanged between check and use.</summary>
    public static (string Problem, string Remedy)? Check(string path, SafeFileHandle open)
    {
        if (!OperatingSystem.IsLinux())
            return CheckMode(path);
        return FileOwner.Of(open) is { } facts ? Check(path, facts) : ("cannot be looked at", $"ls -l {path}");
    }

    /// <summary>As <see cref="Check(string)"/>, of facts already known.</summary>
    internal static (string Problem, string Remedy)? Check(FileFacts file, FileFacts folder, uint user, string path, string folderPath)
    {
        if (!file.IsRegular)
            return ("is not a regular file", "name a file");
        // Root may write everything anyway.
        if (file.Owner != user && file.Owner != 0)
            return ($"belongs to another user (uid {file.Owner})", $"chown {user} {path}");
        if (file.GroupOrOthersWrite)
            return ("others may write it", $"chmod go-w {path}");
        if (folder.AnybodyReplaces)
            return ("anybody may replace it: its folder is writable for all", $"chmod o-w {folderPath}");
        return null;
    }

    private static (string Problem, string Remedy)? Check(string path, FileFacts facts)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        return FileOwner.Of(folder) is { } folderFacts
            ? Check(facts, folderFacts, FileOwner.CurrentUser(), path, folder)
            : ("its folder cannot be looked at", $"ls -ld {folder}");
    }

    private static (string Problem, string Remedy)? CheckMode(string path) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0
            ? ("others may write it", $"chmod go-w {path}")
            : null;
}
