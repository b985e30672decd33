using Oktsec.Scanning;

namespace Oktsec.Commands.Scan;

/// <summary>What was found in one file.</summary>
internal sealed record FileResult(string File, byte[] Content, ScanResult Result);

/// <summary>Scans files and folders.</summary>
internal sealed class FileScan(ContentScanner scanner, Place place, TextWriter error)
{
    // As far as git looks for a zero byte before it calls a file binary.
    private const int BinaryProbe = 8000;

    public int Scanned { get; private set; }

    /// <summary>Files of folders that are no text.</summary>
    public int Skipped { get; private set; }

    /// <summary>Something could not be read, and was named.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Every file with findings, in order.</summary>
    /// <param name="paths">Files, folders, or <c>-</c>.</param>
    /// <param name="step">Told of each file done, of how many.</param>
    public IEnumerable<FileResult> Run(IEnumerable<string> paths, Action<int, int> step)
    {
        var files = paths.SelectMany(Expand).ToList();
        for (var i = 0; i < files.Count; i++)
        {
            if (ScanInput.TryRead(files[i].Path, error) is not { } content)
                HasFailed = true;
            else if (files[i].IsNamed || content.AsSpan(0, Math.Min(content.Length, BinaryProbe)).IndexOf((byte)0) < 0)
                yield return Scan(files[i].Path, content);
            else
                Skipped++;
            step(i + 1, files.Count);
        }
    }

    private FileResult Scan(string file, byte[] content)
    {
        Scanned++;
        var result = ScanInput.IsJson(content) ? scanner.ScanJson(content, place, ScanHints.None) : scanner.ScanText(content, place, ScanHints.None);
        return new FileResult(file == "-" ? "stdin" : file, content, result);
    }

    private IEnumerable<(string Path, bool IsNamed)> Expand(string path)
    {
        if (path == "-" || !Directory.Exists(path))
            return [(path, true)];
        var files = new List<(string, bool)>();
        Walk(path, files);
        return files;
    }

    // In the order of names. What links point to is somewhere else; git's own store holds compressed copies of what lies beside it.
    private void Walk(string folder, List<(string, bool)> files)
    {
        try
        {
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
            {
                if (entry.Attributes.HasFlag(FileAttributes.ReparsePoint) || entry is DirectoryInfo { Name: ".git" })
                    continue;
                if (entry is DirectoryInfo)
                    Walk(Path.Join(folder, entry.Name), files);
                else
                    files.Add((Path.Join(folder, entry.Name), false));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            HasFailed = true;
            error.WriteLine($"oktsec: {TerminalText.Escape(folder)} cannot be read: {TerminalText.Escape(e.Message)}");
        }
    }
}
