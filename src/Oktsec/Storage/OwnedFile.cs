using System.ComponentModel;
using System.Runtime.InteropServices;
using Oktsec.Configuration;

namespace Oktsec.Storage;

/// <summary>Files that hold what happened, or how to open it, belong to their owner alone.</summary>
internal static partial class OwnedFile
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates the folder of a file, closed to others. An existing folder keeps its mode.</summary>
    public static void CreateFolderOf(string path)
    {
        var folder = Path.GetDirectoryName(path);
        if (string.IsNullOrEmpty(folder) || Directory.Exists(folder))
            return;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder); // a user's profile is closed to others already
        else
            Directory.CreateDirectory(folder, Mode | UnixFileMode.UserExecute);
    }

    /// <summary>Creates an empty file unless there is one.</summary>
    public static void Create(string path)
    {
        if (!File.Exists(path))
            OpenNew(path, FileMode.OpenOrCreate).Dispose();
    }

    public static FileStream OpenNew(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Mode;
        return new FileStream(path, options);
    }

    /// <summary>Gives a complete file its name, unless another process was first.</summary>
    /// <exception cref="IOException">There is a file of that name.</exception>
    public static void MoveToNew(string draft, string path)
    {
        // On Unix File.Move looks first and renames then: who comes in between is replaced.
        if (OperatingSystem.IsWindows())
        {
            File.Move(draft, path, overwrite: false);
            return;
        }
        if (Link(draft, path) == 0)
            return; // the caller deletes the draft, its other name
        const int noLinks = 1;           // EPERM: a file system without hard links
        const int noLinksOnMac = 45;     // ENOTSUP
        const int noLinksOnLinux = 95;   // EOPNOTSUPP
        var error = Marshal.GetLastPInvokeError();
        if (error is not (noLinks or noLinksOnMac or noLinksOnLinux))
            throw new IOException($"{path}: {new Win32Exception(error).Message}");
        File.Move(draft, path, overwrite: false);
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);

    /// <exception cref="StoreException">Somebody else may write an existing file, or put another in its place.</exception>
    public static void RefuseIfOthersWrite(string path)
    {
        // A -wal file may vanish between two looks: another process was the last to close the store.
        if (FilePermissions.Check(path) is (var problem, var remedy) && File.Exists(path))
            throw new StoreException($"{path}: {problem}; {remedy}");
    }
}
