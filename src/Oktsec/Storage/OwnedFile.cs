using Oktsec.Configuration;

namespace Oktsec.Storage;

/// <summary>Files that hold what happened, or how to open it, belong to their owner alone.</summary>
internal static class OwnedFile
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

    /// <exception cref="StoreException">Somebody else may write an existing file, or put another in its place.</exception>
    public static void RefuseIfOthersWrite(string path)
    {
        // A -wal file may vanish between two looks: another process was the last to close the store.
        if (FilePermissions.Check(path) is (var problem, var remedy) && File.Exists(path))
            throw new StoreException($"{path}: {problem}; {remedy}");
    }
}
