namespace Oktsec.Core.Configuration;

/// <summary>Makes the paths of a file absolute.</summary>
/// <param name="folder">Absolute: where the configuration file lies; relative paths start there, not where the program was started.</param>
/// <param name="home">What <c>~</c> stands for.</param>
internal sealed class ConfigPaths(string folder, string home)
{
    /// <summary>The absolute path, or null when it is none (a NUL inside).</summary>
    public string? Resolve(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal))
            return null;
        if (path == "~")
            return home;
        if (path.StartsWith("~/", StringComparison.Ordinal))
            path = Path.Join(home, path[2..]);
        return Path.GetFullPath(path, folder);
    }
}
