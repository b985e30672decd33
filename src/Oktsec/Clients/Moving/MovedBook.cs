using System.Security.Cryptography;
using System.Text;
using Oktsec.Configuration;
using Oktsec.Storage;

namespace Oktsec.Clients.Moving;

/// <summary>Which servers came from which file of a client, so that unwrap takes out what it put in and nothing else.</summary>
/// <param name="Path">The client's file.</param>
/// <param name="Client">Whose it is.</param>
/// <param name="Servers">Their names in our configuration, and the hashes of what they were.</param>
internal sealed record MovedPage(string Path, string Client, IReadOnlyList<(string Name, string Hash)> Servers);

/// <summary>The pages under <c>~/.oktsec/moved</c>, one for each file.</summary>
internal sealed class MovedBook(Machine machine)
{
    private const int MaxBytes = 1 << 20;

    private string Folder => Path.Join(machine.Folder, "moved");

    public MovedPage? Of(string path) => File.Exists(FileOf(path)) ? Read(FileOf(path)) : null;

    /// <exception cref="IOException">A page cannot be trusted or read.</exception>
    public IReadOnlyList<MovedPage> All() => Directory.Exists(Folder) ? [.. Directory.EnumerateFiles(Folder).Order(StringComparer.Ordinal).Select(Read)] : [];

    public void Keep(MovedPage page)
    {
        OwnedFile.CreateFolderOf(FileOf(page.Path));
        using var file = OwnedFile.OpenNew(FileOf(page.Path), FileMode.Create);
        file.Write(Encoding.UTF8.GetBytes($"{page.Path}\n{page.Client}\n{string.Concat(page.Servers.Select(s => $"{s.Name} {s.Hash}\n"))}"));
    }

    public void Forget(string path) => File.Delete(FileOf(path));

    private static MovedPage Read(string file)
    {
        var (text, problem, remedy) = SafeText.Read(file, MaxBytes);
        var lines = text?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? throw new IOException($"{file} {problem}; {remedy}");
        return lines.Length < 2
            ? throw new IOException($"{file} is not as oktsec wrote it; remove it")
            : new MovedPage(lines[0], lines[1], [.. lines.Skip(2).Select(l => l.Split(' ')).Where(p => p.Length == 2).Select(p => (p[0], p[1]))]);
    }

    private string FileOf(string path) => Path.Join(Folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16]);
}
