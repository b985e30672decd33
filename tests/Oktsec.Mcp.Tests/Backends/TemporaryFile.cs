namespace Oktsec.Mcp.Tests.Backends;

/// <summary>A file of a test's own that a server writes to.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public string Path => System.IO.Path.Combine(_folder.FullName, "file");

    public string[] Lines() => File.ReadAllLines(Path);

    public static TemporaryFile With(string text)
    {
        var file = new TemporaryFile();
        File.WriteAllText(file.Path, text);
        return file;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
