namespace Oktsec.Clients.Known;

/// <summary>YAML; the servers are a list of entries with a name. A project has a folder of files.</summary>
internal static class Continue
{
    private static readonly EntryShape s_shape = new() { LocalType = "stdio", RemoteType = "streamable-http" };

    public static readonly Client Client = new("continue", "Continue",
        Place.User(m => [m.InHome(".continue", "config.yaml")]) with { Shape = s_shape },
        Place.Project(m => FilesIn(m.InProject(".continue", "mcpServers"))) with { Shape = s_shape });

    private static IEnumerable<string> FilesIn(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder).Where(f => Path.GetExtension(f) is ".yaml" or ".yml" or ".json").Order(StringComparer.Ordinal)
            : [];
}
