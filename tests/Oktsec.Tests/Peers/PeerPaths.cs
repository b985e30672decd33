namespace Oktsec.Tests.Peers;

/// <summary>Where the servers and clients of other people are: <c>tests/peers</c>, filled by <c>npm ci</c>.</summary>
internal static class PeerPaths
{
    public static string Root { get; } = FindRoot();

    public static string Folder { get; } = Path.Combine(Root, "tests", "peers");

    /// <summary>The script of a package's own executable, to be started by node: no npx, no network.</summary>
    public static string Script(string package, string path)
    {
        var script = Path.Combine(Folder, "node_modules", package, path);
        Assert.True(File.Exists(script), $"{script} is missing: run ./test once, or npm ci in {Folder}");
        return script;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Oktsec.slnx")))
                return folder.FullName;
        }
        throw new InvalidOperationException("the tests run inside the source tree: no Oktsec.slnx above " + AppContext.BaseDirectory);
    }
}
