using System.Globalization;
using Oktsec.Clients.Documents;

namespace Oktsec.Clients.Servers;

/// <summary>Finds the servers in a client's file.</summary>
internal static class ServerReader
{
    /// <param name="isGateway">Whether an address is that of our own gateway.</param>
    /// <exception cref="DocumentException">A key on the way to a server is written twice.</exception>
    public static IReadOnlyList<ClientServer> Read(Document document, Place place, Func<string, bool> isGateway)
    {
        var servers = new List<ClientServer>();
        foreach (var path in place.Lists.SelectMany(list => Expand(document, list)))
        {
            switch (document.Find(path))
            {
                case MapNode map:
                    servers.AddRange(map.Members.Select(m => ReadEntry(m.Key, [.. path, m.Key], map[m.Key], place.Shape, isGateway)).OfType<ClientServer>());
                    break;
                case ListNode list:
                    servers.AddRange(list.Items.Select((item, i) => ReadEntry(
                        (item as MapNode)?.TextOf("name"), [.. path, i.ToString(CultureInfo.InvariantCulture)], item, place.Shape, isGateway)).OfType<ClientServer>());
                    break;
                case WordNode word when IsShared(word):
                    servers.Add(LeftAlone(path[^1], path, word, place.Shape));
                    break;
            }
        }
        return servers;
    }

    private static IEnumerable<IReadOnlyList<string>> Expand(Document document, IReadOnlyList<string> list)
    {
        var star = list.ToList().IndexOf("*");
        if (star < 0)
            return [list];
        return document.Find([.. list.Take(star)]) is MapNode map
            ? map.Members.Select(IReadOnlyList<string> (m) => [.. list.Take(star), m.Key, .. list.Skip(star + 1)])
            : [];
    }

    private static ClientServer? ReadEntry(string? name, IReadOnlyList<string> path, Node? entry, EntryShape shape, Func<string, bool> isGateway) => entry switch
    {
        WordNode word when IsShared(word) => LeftAlone(name ?? path[^1], path, word, shape),
        MapNode map when map["<<"] is not null => LeftAlone(name ?? path[^1], path, map, shape),
        MapNode map when name is not null => Read(name, path, map, shape, isGateway),
        _ => null,
    };

    // A YAML anchor or what refers to one: a change here would change something elsewhere, or nothing.
    private static bool IsShared(WordNode word) => word.Word is ['*' or '&', ..];

    private static ClientServer LeftAlone(string name, IReadOnlyList<string> path, Node entry, EntryShape shape) =>
        new() { Name = name, Path = path, Entry = entry as MapNode ?? new MapNode(entry.Start, entry.End, []), Shape = shape, LeftAlone = "it is written with an anchor (&, * or <<); write it out" };

    private static ClientServer? Read(string name, IReadOnlyList<string> path, MapNode entry, EntryShape shape, Func<string, bool> isGateway)
    {
        var server = new ClientServer { Name = name, Path = path, Entry = entry, Shape = shape };
        var urlKey = shape.UrlKeyOf(entry);
        var url = urlKey is null ? null : entry.TextOf(urlKey);
        var command = entry[shape.Command];
        // What has neither is no MCP server but something else that the client keeps here.
        if (command is null or WordNode { Word: "null" or "~" or "" })
            return url is null ? null : ReadRemote(server, url, isGateway);
        if (url is not null)
            return server with { Url = url, LeftAlone = "it has a command and an address; remove one of the two" };
        if (ArgvOf(entry, shape, command) is not { } argv)
            return server with { LeftAlone = $"{shape.Command} is not written as this client's current version writes it" };
        server = server with { Argv = argv };
        return !ProxyArguments.IsOurs(argv) ? server
            : ProxyArguments.Parse(argv) is { } proxy ? server with { Proxy = proxy, IsGateway = proxy.Url is { } to && isGateway(to) }
            : server with { LeftAlone = "it starts oktsec already, in a way of its own" };
    }

    private static ClientServer ReadRemote(ClientServer server, string url, Func<string, bool> isGateway)
    {
        server = server with { Url = url };
        if (isGateway(url))
            return server with { IsGateway = true };
        if (EntryShape.SignInKeyOf(server.Entry) is { } signIn)
            return server with { LeftAlone = $"the client signs in to it by itself ({signIn}), which does not pass through a local program" };
        if (Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0)
            return server with { LeftAlone = "its address holds credentials; put them into a header" };
        var headers = server.Entry[server.Shape.Headers];
        return headers is null || (headers is MapNode map && map.Members.All(h => h.Value is TextNode))
            ? server
            : server with { LeftAlone = $"{server.Shape.Headers} holds something else than texts" };
    }

    private static IReadOnlyList<string>? ArgvOf(MapNode entry, EntryShape shape, Node command)
    {
        if (shape.Args is null)
            return command is ListNode { Items.Count: > 0 } all && all.Items[0] is TextNode ? TextsOf(all) : null;
        if (command is not TextNode { Value: { Length: > 0 } program })
            return null;
        return entry[shape.Args] switch
        {
            null => [program],
            ListNode list when TextsOf(list) is { } args => [program, .. args],
            _ => null,
        };
    }

    // Clients take a number among the arguments for the text that it is.
    private static List<string>? TextsOf(ListNode list)
    {
        var texts = list.Items.Select(i => i switch { TextNode t => t.Value, WordNode w => w.Word, _ => null }).OfType<string>().ToList();
        return texts.Count == list.Items.Count ? texts : null;
    }
}
