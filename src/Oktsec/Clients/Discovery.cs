using Oktsec.Clients.Documents;
using Oktsec.Clients.Files;

namespace Oktsec.Clients;

/// <summary>A client that has files on this machine.</summary>
internal sealed record FoundClient(Client Client, IReadOnlyList<ClientFile> Files)
{
    public bool HasServers => Files.Any(f => f.Servers.Count > 0);
}

/// <summary>Finds the clients of a machine, and their servers. Reads only.</summary>
internal static class Discovery
{
    /// <summary>Every known client of which a file exists, in the order of the list.</summary>
    public static IReadOnlyList<FoundClient> Find(Machine machine) => Find(machine, KnownClients.All);

    public static IReadOnlyList<FoundClient> Find(Machine machine, IEnumerable<Client> clients)
    {
        var isGateway = GatewayAddress.Of(machine);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return [.. clients.Select(client => new FoundClient(client, [.. FilesOf(client, machine, isGateway).Where(f => seen.Add(f.RealPath))])).Where(c => c.Files.Count > 0)];
    }

    private static IEnumerable<ClientFile> FilesOf(Client client, Machine machine, Func<string, bool> isGateway) =>
        client.Places.Concat(client.Hooks is { } hooks ? [hooks.Place] : []).SelectMany(place => place.Files(machine).Select(path => ClientFile.Read(path, place, isGateway))).OfType<ClientFile>();
}

/// <summary>Where our own gateway is.</summary>
internal static class GatewayAddress
{
    private const int DefaultPort = 9090;

    /// <summary>Whether an address is that of the gateway that our configuration describes.</summary>
    public static Func<string, bool> Of(Machine machine)
    {
        var (port, path, _) = Read(machine);
        return url => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.IsLoopback && uri.Port == port && uri.AbsolutePath == path;
    }

    /// <summary>Its address on this machine; null when its port is another each time.</summary>
    public static Uri? UrlOf(Machine machine)
    {
        var (port, path, isFixed) = Read(machine);
        return isFixed ? new UriBuilder("http", "localhost", port, path).Uri : null;
    }

    private static (int Port, string Path, bool IsFixed) Read(Machine machine)
    {
        var (port, path, isFixed) = (DefaultPort, "/mcp", true);
        try
        {
            if (SafeFile.Read(machine.ConfigPath, ClientFile.MaxBytes) is { Problem: null } file
                && Document.Parse(DocumentFormat.Yaml, System.Text.Encoding.UTF8.GetString(file.Bytes)).Find("gateway") is MapNode gateway)
            {
                isFixed = gateway.TextOf("port") is not "auto";
                port = gateway["port"] is WordNode { Word: var word } && int.TryParse(word, out var written) ? written : port;
                path = gateway.TextOf("endpoint_path") ?? path;
            }
        }
        catch (DocumentException)
        {
            // Its own commands say what is wrong with it; here only the standard address counts then.
        }
        return (port, path, isFixed);
    }
}
