using System.Runtime.Versioning;
using Oktsec.Configuration;
using Oktsec.Storage;

namespace Oktsec.Clients.Files;

/// <summary>What a look at a file of somebody's own gave.</summary>
/// <param name="RealPath">Links followed.</param>
/// <param name="Problem">Why it is left alone, and what to do.</param>
/// <param name="Warning">What its owner should change.</param>
internal sealed record OpenedFile(string RealPath, byte[] Bytes, string? Problem, string? Warning = null);

/// <summary>Reads files that belong to the user, and changes them so that each moment shows the old or the new content, never a part.</summary>
internal static class SafeFile
{
    /// <summary>Reads it; null when there is none.</summary>
    public static OpenedFile? Read(string path, int maxBytes)
    {
        try
        {
            var entry = new FileInfo(path);
            var real = entry.LinkTarget is null ? entry : entry.ResolveLinkTarget(returnFinalTarget: true);
            if (real is not FileInfo { Exists: true })
                return entry.LinkTarget is not null ? Refuse(path, "it is a link that leads to no file") : Directory.Exists(path) ? Refuse(path, "it is a folder") : null;
            var warning = (string?)null;
            if (OperatingSystem.IsLinux() && Judge(real.FullName, entry.LinkTarget is not null, out warning) is { } problem)
                return Refuse(real.FullName, problem);
            using var file = File.OpenHandle(real.FullName);
            var length = RandomAccess.GetLength(file);
            if (length > maxBytes)
                return Refuse(real.FullName, $"it is larger than {maxBytes >> 20} MiB");
            var bytes = new byte[length];
            for (var read = 0; read < length;)
            {
                var got = RandomAccess.Read(file, bytes.AsSpan(read), read);
                if (got == 0)
                    return Refuse(real.FullName, "it changes while it is read; try again");
                read += got;
            }
            return new OpenedFile(real.FullName, bytes, null, warning);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse(path, $"it cannot be read: {e.Message}");
        }
    }

    /// <summary>Writes a file that is not there yet, for its owner alone.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? Create(string path, byte[] content)
    {
        try
        {
            OwnedFile.CreateFolderOf(path);
            using var file = OwnedFile.OpenNew(path, FileMode.CreateNew);
            file.Write(content);
            file.Flush(flushToDisk: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"it cannot be written: {e.Message}";
        }
    }

    /// <summary>Takes away a file that is still as it was read.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? Delete(string path, byte[] before)
    {
        try
        {
            if (!File.ReadAllBytes(path).AsSpan().SequenceEqual(before))
                return "it was changed by another program meanwhile; run the command again";
            File.Delete(path);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"it cannot be removed: {e.Message}";
        }
    }

    /// <summary>Puts new content in the place of the old one, in one step. Mode and owner stay.</summary>
    /// <param name="before">What was read; when the file is another one by now, nothing is written.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Replace(string path, byte[] before, byte[] after)
    {
        var temporary = Path.Join(Path.GetDirectoryName(path), $".{Path.GetFileName(path)}.{Guid.NewGuid():n}.oktsec");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // nobody else looks in before it has its mode
            using (var file = new FileStream(temporary, options))
            {
                file.Write(after);
                KeepOwner(path, file);
                file.Flush(flushToDisk: true);
            }
            if (!File.ReadAllBytes(path).AsSpan().SequenceEqual(before))
                return "it was changed by another program meanwhile; run the command again";
            if (OperatingSystem.IsWindows())
                File.Replace(temporary, path, null); // keeps the access list
            else
                File.Move(temporary, path, overwrite: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"it cannot be written: {e.Message}";
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void KeepOwner(string path, FileStream file)
    {
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(file.SafeFileHandle, File.GetUnixFileMode(path));
        if (OperatingSystem.IsLinux() && !FileOwner.Copy(path, file.SafeFileHandle))
            throw new IOException("its owner or group cannot be kept");
    }

    [SupportedOSPlatform("linux")]
    private static string? Judge(string path, bool isLink, out string? warning)
    {
        warning = null;
        if (FileOwner.Of(path) is not { } file)
            return "it cannot be looked at";
        if (!file.IsRegular)
            return "it is no regular file";
        var user = FileOwner.CurrentUser();
        if (file.Owner != user && (isLink || user != 0))
            return isLink ? $"it is a link to a file of another user (uid {file.Owner})" : $"it belongs to another user (uid {file.Owner})";
        if (file.GroupOrOthersWrite)
            warning = $"others may write it, and so decide what runs as you: chmod go-w {path}";
        return null;
    }

    private static OpenedFile Refuse(string path, string problem) => new(path, [], problem);
}
