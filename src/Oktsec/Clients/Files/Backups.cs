using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Oktsec.Configuration;
using Oktsec.Storage;

namespace Oktsec.Clients.Files;

/// <summary>What a client's file was before we changed it, and what we made of it: one pair of files for each time that what is not ours changed.</summary>
/// <param name="Number">From 1; the highest counts.</param>
/// <param name="Original">Null when there was no file.</param>
/// <param name="Wrapped">What we wrote.</param>
internal sealed record Backup(int Number, byte[]? Original, byte[] Wrapped);

/// <summary>The backups under <c>~/.oktsec/backups</c>. An original is never overwritten: it may hold the only copy of a working setup.</summary>
internal sealed class Backups(Machine machine)
{
    /// <summary>The newest pair of a file, or null.</summary>
    /// <exception cref="IOException">It cannot be trusted or read.</exception>
    public Backup? Latest(string path)
    {
        var folder = FolderOf(path);
        var number = Numbers(folder).DefaultIfEmpty(0).Max();
        if (number == 0 || !File.Exists(Wrapped(folder, number)))
            return null;
        var original = Original(folder, number);
        return new Backup(number, File.Exists(original) ? Read(original) : null, Read(Wrapped(folder, number)));
    }

    /// <summary>Keeps a pair. The original is written only when the newest one differs.</summary>
    public void Keep(string path, byte[]? original, byte[] wrapped)
    {
        var folder = FolderOf(path);
        var latest = Latest(path);
        var number = latest is not null && Same(latest.Original, original) ? latest.Number : Numbers(folder).DefaultIfEmpty(0).Max() + 1;
        if (latest?.Number != number)
        {
            Write(Path.Join(folder, "path"), Encoding.UTF8.GetBytes(path + "\n"), FileMode.Create);
            if (original is not null)
                Write(Original(folder, number), original, FileMode.CreateNew);
        }
        Write(Wrapped(folder, number), wrapped, FileMode.Create);
    }

    /// <summary>Forgets a file that is byte for byte what it was: it is its own backup.</summary>
    public void Forget(string path)
    {
        var folder = FolderOf(path);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    public string FolderOf(string path) =>
        // 16 digits: some thousand files do not meet in 2^64.
        Path.Join(machine.Folder, "backups", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16]);

    private static bool Same(byte[]? a, byte[]? b) => a is null ? b is null : b is not null && a.AsSpan().SequenceEqual(b);

    private static IEnumerable<int> Numbers(string folder) => !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder)
        .Select(f => int.TryParse(Path.GetFileName(f).Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0).Where(n => n > 0);

    private static string Original(string folder, int number) => Path.Join(folder, $"{number}.original");

    private static string Wrapped(string folder, int number) => Path.Join(folder, $"{number}.wrapped");

    // What somebody else may write would be put into the user's settings by unwrap.
    private static byte[] Read(string path) =>
        FilePermissions.Check(path) is (var problem, var remedy) ? throw new IOException($"the backup {path} {problem}; {remedy}") : File.ReadAllBytes(path);

    private static void Write(string path, byte[] bytes, FileMode mode)
    {
        OwnedFile.CreateFolderOf(path);
        using var file = OwnedFile.OpenNew(path, mode);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }
}
