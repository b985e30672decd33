namespace Oktsec.Clients;

/// <summary>A file that somebody names: MCP Inspector's, a script's, a client's that we do not know.</summary>
internal static class AnyClient
{
    private static readonly IReadOnlyList<IReadOnlyList<string>> s_lists = [["mcpServers"], ["mcp_servers"], ["servers"], ["context_servers"]];

    // MCP Inspector's words: it takes all of these, and needs the type of a remote server.
    private static readonly EntryShape s_shape = new() { Urls = ["url", "httpUrl", "serverUrl", "baseUrl"], LocalType = "stdio", RemoteType = "streamable-http" };

    /// <summary>The known client whose file it is, for this file alone; else one that knows the usual names.</summary>
    public static Client At(string path, Machine machine)
    {
        foreach (var client in KnownClients.All)
        {
            if (client.Places.FirstOrDefault(p => p.Files(machine).Contains(path)) is { } place)
                return new Client(client.Id, client.Name, place with { Files = _ => [path] }) { Hooks = client.Hooks?.File(machine) == path ? client.Hooks : null };
        }
        return new Client("file", "File", Place.User(_ => [path]) with { Lists = s_lists, Shape = s_shape });
    }
}
