namespace Oktsec.Configuration;

/// <summary>What of a file changes when its content, its rights, or the file itself does. Links are followed.</summary>
internal readonly record struct FileStamp(long ModifiedSeconds, long ModifiedRest, long Length, ulong Node, FileFacts Facts)
{
    /// <summary>The stamp now; the default one when there is no such file.</summary>
    public static FileStamp Of(string path)
    {
        if (OperatingSystem.IsLinux())
            return FileOwner.StampOf(path) ?? default;
        var file = new FileInfo(path);
        return file.Exists ? new FileStamp(file.LastWriteTimeUtc.Ticks, 0, file.Length, 0, default) : default;
    }
}
