using System.Security.Cryptography;
using System.Text;
using Oktsec.Clients.Documents;

namespace Oktsec.Clients.Moving;

/// <summary>A client's server as it stands in our configuration, under <c>mcp_servers:</c>.</summary>
/// <param name="Name">There.</param>
/// <param name="Entry">Without anything secret: that is in <paramref name="Secrets"/>.</param>
/// <param name="Secrets">Files in a folder of its own beside the configuration, for its owner alone, and their text.</param>
/// <param name="Hash">Of the server as the client had it: two clients with the same server share one.</param>
internal sealed record MovedServer(string Name, MapNode Entry, IReadOnlyList<(string File, string Text)> Secrets, string Hash);

/// <summary>Takes a server out of a client's words into those of our configuration.</summary>
internal sealed class MovingServer
{
    private readonly bool _isSse;
    private readonly string? _url;
    private readonly string? _cwd;
    private readonly IReadOnlyList<string> _argv;
    private readonly IReadOnlyList<(string Key, string Value)> _texts; // environment, or headers

    /// <param name="server">One that nothing keeps from being moved.</param>
    public MovingServer(Servers.ClientServer server)
    {
        (_argv, _url, _cwd, _isSse) = (server.Argv, server.Url, server.Entry.TextOf("cwd"), server.Transport == "sse");
        _texts = [.. (server.Entry[server.Url is null ? server.Shape.Env : server.Shape.Headers] as MapNode)?.Members.Select(m => (m.Key, TextOf(m.Value) ?? "")) ?? []];
    }

    /// <summary>Equal for equal servers.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Write("", secret: (_, text) => text).Canonical())));

    public MovedServer As(string name)
    {
        var secrets = new List<(string File, string Text)>();
        var entry = Write(name, (key, text) =>
        {
            var file = $"{name}/{string.Concat(key.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '-'))}";
            while (secrets.Any(s => s.File.Equals(file, StringComparison.OrdinalIgnoreCase)))
                file += "-";
            secrets.Add((file, text));
            return $"${{file:{OwnServers.SecretsFolder}/{file}}}";
        });
        return new MovedServer(name, entry, secrets, Hash);
    }

    public static string? TextOf(Node node) => node switch { TextNode text => text.Value, WordNode word => word.Word, _ => null };

    private MapNode Write(string name, Func<string, string, string> secret)
    {
        var members = new List<(string, Node)>();
        if (_url is not null)
        {
            if (_isSse)
                members.Add(("transport", Node.OfText("sse")));
            members.Add(("url", Node.OfText(_url.Contains('?', StringComparison.Ordinal) ? secret("url", _url) : _url)));
        }
        else
        {
            members.Add(("command", Node.OfText(_argv[0])));
            if (_argv.Count > 1)
                members.Add(("args", Node.OfList(_argv.Skip(1).Select((arg, i) => SecretArgument.Replace(_argv[i], arg, text => secret($"arg{i + 1}", text))))));
            // Where the client would start it nobody knows; in our own folder it has no business.
            members.Add(("cwd", Node.OfText(_cwd ?? "~")));
        }
        if (_texts.Count > 0)
            members.Add((_url is null ? "env" : "headers", Node.OfMap(_texts.Select(t => (t.Key, (Node)Node.OfText(SecretArgument.IsShort(t.Value) ? t.Value : secret(t.Key, t.Value)))))));
        return Node.OfMap(members);
    }
}
