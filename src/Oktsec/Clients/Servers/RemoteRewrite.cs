using Oktsec.Clients.Documents;

namespace Oktsec.Clients.Servers;

/// <summary>Makes a remote entry one that starts the bridge, and back.</summary>
/// <remarks>
/// Header values move into the entry's own <c>env</c>: everybody on the machine can read a command line, nobody else the file, and
/// what the client fills in there (<c>${input:token}</c>) it still fills in.
/// </remarks>
internal static class RemoteRewrite
{
    private const string HeaderVariable = "OKTSEC_HEADER_";
    private const string UrlVariable = "OKTSEC_URL";

    // 16: shorter ones can be guessed, and are version numbers and names.
    private const int ShortestKey = 16;

    // Which key the address had and what its type said, when that is not what we would write: `url=sse`.
    private const string WasVariable = "OKTSEC_WAS";

    public static Document Wrap(Document document, ClientServer server, ProxyArguments proxy)
    {
        var (shape, path, entry) = (server.Shape, server.Path, (MapNode)document.Find(server.Path)!);
        var urlKey = shape.UrlKeyOf(entry)!;
        var url = entry.TextOf(urlKey)!;
        var typeKey = EntryShape.TypeKeyOf(entry);
        var env = new List<(string Key, Node Value)>();
        var headers = new List<(string, string)>();
        foreach (var header in (entry[shape.Headers] as MapNode)?.Members ?? [])
        {
            var variable = VariableOf(header.Key, env);
            headers.Add((header.Key, variable));
            env.Add((variable, Node.OfText(((TextNode)header.Value).Value)));
        }
        var isSecret = SecretsOf(url).Any();
        if (isSecret)
            env.Add((UrlVariable, Node.OfText(url)));
        if (urlKey != shape.Urls[0] || typeKey is not null and not "type" || (typeKey is null ? null : entry.TextOf(typeKey)) != shape.RemoteType)
            env.Add((WasVariable, Node.OfText($"{urlKey}={(typeKey is null ? "" : $"{typeKey}={entry.TextOf(typeKey)}")}")));
        proxy = proxy with { Url = isSecret ? null : url, UrlVariable = isSecret ? UrlVariable : null, HeaderVariables = headers };

        if (typeKey is not null)
            document = shape.LocalType is null ? document.Remove([.. path, typeKey]) : document.Set([.. path, typeKey], Node.OfText(shape.LocalType));
        document = ExchangeOrRemove(document, path, shape.Headers, shape.Env, env);
        var prefix = proxy.Prefix();
        return document.Exchange([.. path, urlKey], shape.Args is null
            ? [(shape.Command, Node.OfList(prefix))]
            : [(shape.Command, Node.OfText(prefix[0])), (shape.Args, Node.OfList(prefix.Skip(1)))]);
    }

    /// <summary>An entry that starts the bridge already, otherwise than it should: where the server is and what it is sent stays.</summary>
    public static Document WrapAnew(Document document, ClientServer server, ProxyArguments old, ProxyArguments wanted)
    {
        var words = (wanted with { Url = old.Url, UrlVariable = old.UrlVariable, Headers = old.Headers, HeaderVariables = old.HeaderVariables }).Prefix();
        if (words.SequenceEqual(server.Argv))
            return document;
        var (path, shape) = (server.Path, server.Shape);
        return shape.Args is null
            ? document.Set([.. path, shape.Command], Node.OfList(words))
            : document.Set([.. path, shape.Command], Node.OfText(words[0])).Set([.. path, shape.Args], Node.OfList(words.Skip(1)));
    }

    public static Document Unwrap(Document document, ClientServer server)
    {
        var (shape, path, proxy, entry) = (server.Shape, server.Path, server.Proxy!, (MapNode)document.Find(server.Path)!);
        var env = entry[shape.Env] as MapNode;
        var was = (env?.TextOf(WasVariable) ?? "").Split('=', 3);
        var urlKey = shape.Urls.Contains(was[0]) ? was[0] : shape.Urls[0];
        var (typeKey, type) = was.Length == 3 ? (was[1], was[2]) : was.Length == 2 ? (null, null) : (shape.RemoteType is null ? null : "type", shape.RemoteType);
        var url = proxy.Url ?? env?.TextOf(proxy.UrlVariable!) ?? throw new DocumentException(entry.Start, $"the address of \"{server.Name}\" was in {proxy.UrlVariable}, which is gone");
        var headers = proxy.Headers.Select(h => (h.Name, (Node)Node.OfText(h.Value)))
            .Concat(proxy.HeaderVariables.Where(h => env?.TextOf(h.Variable) is not null).Select(h => (h.Name, (Node)Node.OfText(env!.TextOf(h.Variable)!)))).ToList();

        if (shape.Args is not null && entry[shape.Args] is not null)
            document = document.Remove([.. path, shape.Args]);
        document = document.Exchange([.. path, shape.Command], (urlKey, Node.OfText(url)));
        document = RemoveOurs(document, [.. path, shape.Env], proxy, shape.Headers, headers);
        var present = EntryShape.TypeKeyOf((MapNode)document.Find(path)!);
        if (typeKey is not null)
            return document.Set([.. path, typeKey], Node.OfText(type!));
        return present is null ? document : document.Remove([.. path, present]);
    }

    // In the place of the old key when the new one is not there yet, so that comments around it stay where they are.
    private static Document ExchangeOrRemove(Document document, IReadOnlyList<string> path, string old, string key, List<(string Key, Node Value)> values)
    {
        string[] from = [.. path, old], to = [.. path, key];
        if (document.Find(to) is null && values.Count > 0)
            return document.Find(from) is null ? document.Set(to, Node.OfMap(values)) : document.Exchange(from, (key, Node.OfMap(values)));
        foreach (var (name, value) in values)
            document = document.Set([.. to, name], value);
        return document.Find(from) is null ? document : document.Remove(from);
    }

    private static Document RemoveOurs(Document document, string[] env, ProxyArguments proxy, string headersKey, List<(string, Node)> headers)
    {
        if (document.Find(env) is not MapNode map)
            return headers.Count == 0 ? document : document.Set([.. env.SkipLast(1), headersKey], Node.OfMap(headers));
        string?[] ours = [.. proxy.HeaderVariables.Select(h => h.Variable), proxy.UrlVariable, WasVariable];
        var others = map.Members.Where(m => !ours.Contains(m.Key)).ToList();
        if (others.Count == 0 && map.Members.Count > 0)
            return headers.Count > 0 ? document.Exchange(env, (headersKey, Node.OfMap(headers))) : document.Remove(env);
        foreach (var member in map.Members.Where(m => ours.Contains(m.Key)))
            document = document.Remove([.. env, member.Key]);
        return headers.Count == 0 ? document : document.Set([.. env.SkipLast(1), headersKey], Node.OfMap(headers));
    }

    private static string VariableOf(string header, List<(string Key, Node Value)> taken)
    {
        var name = HeaderVariable + string.Concat(header.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
        while (taken.Any(t => t.Key == name))
            name += "_";
        return name;
    }

    /// <summary>What may be a key in an address: its query, and parts of its path that are long and hold digits, as no word does.</summary>
    public static IEnumerable<string> SecretsOf(string url)
    {
        var query = url.IndexOf('?', StringComparison.Ordinal);
        if (query >= 0)
            yield return url[(query + 1)..];
        foreach (var part in (query < 0 ? url : url[..query]).Split('/').Skip(3))
        {
            if (part.Length >= ShortestKey && part.Any(char.IsAsciiDigit))
                yield return part;
        }
    }
}
