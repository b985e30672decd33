using Oktsec.Clients.Documents;

namespace Oktsec.Clients.Servers;

/// <summary>Puts the proxy before a server in its entry, and takes it away again. Everything else of the entry stays as it is.</summary>
internal static class EntryRewrite
{
    /// <summary>The entry with the proxy before it, as it should be now: one that is wrapped otherwise is wrapped anew.</summary>
    /// <exception cref="DocumentException">The entry is written in a way that cannot be changed safely.</exception>
    public static Document Wrap(Document document, ClientServer server, ProxyArguments proxy) =>
        server.Proxy is { IsRemote: true } old ? RemoteRewrite.WrapAnew(document, server, old, proxy)
        : server.Proxy is not null ? WrapLocal(Unwrap(document, server), server with { Argv = server.Proxy.Command }, proxy)
        : server.Url is not null ? RemoteRewrite.Wrap(document, server, proxy)
        : WrapLocal(document, server, proxy);

    /// <summary>The entry without the proxy, from what the entry itself says.</summary>
    public static Document Unwrap(Document document, ClientServer server) => server.Proxy switch
    {
        null => document,
        { IsRemote: true } => RemoteRewrite.Unwrap(document, server),
        { } proxy => UnwrapLocal(document, server, proxy),
    };

    private static Document WrapLocal(Document document, ClientServer server, ProxyArguments proxy)
    {
        var shape = server.Shape;
        string[] command = [.. server.Path, shape.Command];
        var prefix = proxy.Prefix();
        if (shape.Args is null)
            return document.InsertFirst(command, prefix);
        string[] args = [.. server.Path, shape.Args];
        string[] before = [.. prefix.Skip(1), server.Argv[0]];
        document = document.Set(command, Node.OfText(prefix[0]));
        return document.Find(args) is null
            ? document.Set(args, Node.OfList(before), after: shape.Command)
            : document.InsertFirst(args, before);
    }

    private static Document UnwrapLocal(Document document, ClientServer server, ProxyArguments proxy)
    {
        var shape = server.Shape;
        // What stands before the server, however it was spelled.
        var before = server.Argv.Count - proxy.Command.Count;
        if (shape.Args is null)
            return document.RemoveFirst([.. server.Path, shape.Command], before);
        return document
            .Set([.. server.Path, shape.Command], Node.OfText(proxy.Command[0]))
            .RemoveFirst([.. server.Path, shape.Args], before);
    }
}
