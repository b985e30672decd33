namespace Oktsec.Storage;

/// <summary>Files that hold what happened or how to open it belong to their owner alone.</summary>
internal static class FilePermissions
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Creates the folder of a file, closed to others. An existing folder keeps its mode.</summary>
    public static void CreateFolderOf(string path)
    {
        var folder = Path.GetDirectoryName(path);
        if (string.IsNullOrEmpty(folder) || Directory.Exists(folder))
            return;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder); // a user's profile is closed to others already
        else
            Directory.CreateDirectory(folder, OwnerOnlyFolder);
    }

    /// <exception cref="StoreException">Somebody else may write the file, or put another in its place.</exception>
    public static void RefuseIfWritableByOthers(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        if (File.Exists(path) && (File.GetUnixFileMode(path) & WritableByOthers) != 0)
            throw new StoreException($"{path} may be written by other users: run  chmod go-w {path}");
        var folder = Path.GetDirectoryName(path);
        if (string.IsNullOrEmpty(folder) || !Directory.Exists(folder))
            return;
        // A sticky folder (/tmp) lets nobody replace a file of somebody else.
        var mode = File.GetUnixFileMode(folder);
        if ((mode & UnixFileMode.OtherWrite) != 0 && (mode & UnixFileMode.StickyBit) == 0)
            throw new StoreException($"{folder} may be written by other users: run  chmod o-w {folder}");
    }

    /// <summary>Creates an empty file for its owner alone unless there is one.</summary>
    public static void CreateOwned(string path)
    {
        if (File.Exists(path))
            return;
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        new FileStream(path, options).Dispose();
    }
}
