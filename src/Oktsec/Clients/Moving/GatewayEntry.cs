using Oktsec.Clients.Documents;
using Oktsec.Clients.Servers;
using Oktsec.Clients.Wrapping;

namespace Oktsec.Clients.Moving;

/// <summary>The one entry by which a client reaches the gateway: over HTTP with its token, or through the bridge where it only starts programs.</summary>
internal sealed class GatewayEntry(Client client, Machine machine, Uri url, string token)
{
    private const string Name = "oktsec";

    public static bool IsName(string server) => server == Name || server.StartsWith(Name + "-", StringComparison.Ordinal);

    /// <summary>A map of servers with this entry in the place of some.</summary>
    /// <exception cref="DocumentException">It is written in a way that cannot be changed safely.</exception>
    public static Document Exchange(Document document, IReadOnlyList<ClientServer> servers, GatewayEntry entry)
    {
        var (list, shape) = (servers[0].Path.SkipLast(1).ToArray(), servers[0].Shape);
        var name = Name;
        for (var i = 2; document.Find([.. list, name]) is not null; i++)
            name = $"{Name}-{i}";
        document = document.Set([.. list, name], Node.OfMap(entry.Members(shape)));
        return servers.Aggregate(document, (text, server) => text.Remove(server.Path));
    }

    private IEnumerable<(string, Node)> Members(EntryShape shape)
    {
        var type = client.SpeaksHttp ? shape.RemoteType : shape.LocalType;
        foreach (var (key, value) in shape.Extras)
            yield return (key, value);
        if (type is not null)
            yield return ("type", Node.OfText(type));
        if (client.SpeaksHttp)
        {
            yield return (shape.Urls[0], Node.OfText(url.ToString()));
            yield return (shape.Headers, Node.OfMap([("Authorization", Node.OfText($"Bearer {token}"))]));
            yield break;
        }
        // Who may start programs only reads no other's files: the token stays where it is kept.
        string[] bridge =
        [
            .. machine.Program, "proxy", "--agent", client.Id, "--config", machine.ConfigPath, "--url", url.ToString(),
            "--header", $"Authorization: Bearer ${{file:{Path.Join(ClientTokens.FolderOf(machine), client.Id)}}}",
        ];
        yield return (shape.Command, Node.OfText(bridge[0]));
        yield return (shape.Args!, Node.OfList(bridge.Skip(1)));
    }
}
