using Oktsec.Clients.Documents;
using Oktsec.Clients.Files;
using Oktsec.Clients.Moving;
using Oktsec.Clients.Servers;

namespace Oktsec.Clients.Wrapping;

/// <summary>Plans how the servers of clients come to pass us, and how they cease to.</summary>
internal sealed class Wrapper
{
    private readonly Machine _machine;
    private readonly Backups _backups;
    private readonly Func<string, bool> _isGateway;

    public Wrapper(Machine machine)
    {
        _machine = machine;
        _backups = new Backups(machine);
        _isGateway = GatewayAddress.Of(machine);
    }

    /// <summary>Puts the proxy before every server. Those before which it stands as wanted stay as they are.</summary>
    public Plan Wrap(IReadOnlyList<FoundClient> clients, WrapOptions options)
    {
        var (changes, notes) = (new List<FileChange>(), new List<PlanNote>());
        var agents = new HashSet<string>(StringComparer.Ordinal);
        var passing = 0;
        var hooked = 0;
        foreach (var (client, file) in clients.SelectMany(c => c.Files.Concat(NewFiles(c)).Select(f => (c.Client, f))))
        {
            if (IsLeftAlone(client, file, notes))
                continue;
            var (document, changed) = (file.Document!, new List<ClientServer>());
            foreach (var server in file.Servers)
            {
                if (server.IsGateway)
                    continue;
                var reason = server.LeftAlone ?? (options.Remote ? null : MaySignIn(server));
                var wrapped = reason is null ? TryWrap(document, server, options, client, file, notes) : null;
                if (reason is not null)
                    notes.Add(new PlanNote(client, file.Path, server.Name, reason, IsProblem: false));
                if (wrapped is null)
                    continue;
                passing++;
                agents.Add(AgentNames.Of(server.Name));
                if (wrapped.Text != document.Text)
                    changed.Add(server);
                document = wrapped;
            }
            if (client.Hooks is { } hooks && hooks.File(_machine) == file.Path && TryHook(document, hooks, options, client, file, notes) is { } asking)
            {
                hooked++;
                if (hooks.Remaining is { } remaining && asking.Text != document.Text)
                    notes.Add(new PlanNote(client, file.Path, null, remaining, IsProblem: false));
                agents.Add(hooks.Agent);
                document = asking;
            }
            if (document.Text != file.Document!.Text && TryUnwrap(client, file, notes) is { } unwrapped)
                changes.Add(new FileChange(client, file, file.BytesOf(document), unwrapped, changed));
        }
        return new Plan(changes, notes) { Agents = [.. agents.Order(StringComparer.Ordinal)], Protected = passing, Hooked = hooked };
    }

    /// <summary>Takes the proxy away: the bytes of before where nothing else has changed, else our part alone.</summary>
    public Plan Unwrap(IReadOnlyList<FoundClient> clients)
    {
        var (changes, notes) = (new List<FileChange>(), new List<PlanNote>());
        foreach (var (client, file) in clients.SelectMany(c => c.Files.Select(f => (c.Client, f))))
        {
            if (IsLeftAlone(client, file, notes) || TryUnwrap(client, file, notes) is not { } after)
                continue;
            if (after.AsSpan().SequenceEqual(file.Bytes) && file.Servers.FirstOrDefault(s => s.IsGateway && GatewayEntry.IsName(s.Name)) is { } entry)
                notes.Add(new PlanNote(client, file.Path, entry.Name, $"it leads to the gateway, and what stood here before is not kept; its servers are under mcp_servers: in {_machine.ConfigPath}", IsProblem: false));
            if (!after.AsSpan().SequenceEqual(file.Bytes))
                changes.Add(new FileChange(client, file, after, null, [.. file.Servers.Where(s => s.Protection != Protection.None)]));
        }
        return new Plan(changes, notes);
    }

    // OAuth begins when a server asks for it, and no entry says beforehand that it will; an entry without a key is where that happens.
    private static string? MaySignIn(ClientServer server) =>
        server is { Proxy: null, Url: { } url } && server.Entry[server.Shape.Headers] is not MapNode { Members.Count: > 0 }
        && !(Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.IsLoopback || uri.Query.Length > 1))
            ? "it sends no key, so the client may sign in to it by itself, which does not pass through a local program; if it needs no sign-in, add --remote"
            : null;

    private Document? TryWrap(Document document, ClientServer server, WrapOptions options, Client client, ClientFile file, List<PlanNote> notes)
    {
        var proxy = new ProxyArguments
        {
            Program = _machine.Program,
            Agent = AgentNames.Of(server.Name),
            Enforce = options.Enforce,
            InspectResponses = options.Enforce,
            Config = _machine.ConfigPath,
        };
        try
        {
            return EntryRewrite.Wrap(document, server, proxy);
        }
        catch (DocumentException e)
        {
            notes.Add(new PlanNote(client, file.Path, server.Name, e.Message, IsProblem: true));
            return null;
        }
    }

    private Document? TryHook(Document document, HookPlace hooks, WrapOptions options, Client client, ClientFile file, List<PlanNote> notes)
    {
        try
        {
            return HookRewrite.Wrap(document, hooks, HookCommandLine.Write(_machine, hooks.Agent, options.Enforce));
        }
        catch (DocumentException e)
        {
            notes.Add(new PlanNote(client, file.Path, null, $"its hooks are left alone: {e.Message}", IsProblem: true));
            return null;
        }
    }

    // The file of a client's hooks, when the client is there and the file is not.
    private IEnumerable<ClientFile> NewFiles(FoundClient found) =>
        found.Client.Hooks is { } hooks && hooks.File(_machine) is var path && found.Files.Any(f => !f.Place.IsProject) && found.Files.All(f => f.Path != path)
            ? [ClientFile.New(path, hooks.Place)]
            : [];

    /// <summary>The file without anything of ours; null when that is not possible, and then it was noted why.</summary>
    internal byte[]? TryUnwrap(Client client, ClientFile file, List<PlanNote> notes)
    {
        try
        {
            return new Unwrapper(_backups, _isGateway).Unwrap(file);
        }
        catch (Exception e) when (e is DocumentException or IOException or UnauthorizedAccessException)
        {
            notes.Add(new PlanNote(client, file.Path, null, e.Message, IsProblem: true));
            return null;
        }
    }

    private static bool IsLeftAlone(Client client, ClientFile file, List<PlanNote> notes)
    {
        if (file.Problem is { } problem)
            notes.Add(new PlanNote(client, file.Path, null, "left alone: " + problem, IsProblem: true));
        if (file.Warning is { } warning)
            notes.Add(new PlanNote(client, file.Path, null, warning, IsProblem: false));
        return file.Problem is not null;
    }
}
