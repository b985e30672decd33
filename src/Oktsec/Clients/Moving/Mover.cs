using Oktsec.Clients.Documents;
using Oktsec.Clients.Files;
using Oktsec.Clients.Servers;
using Oktsec.Clients.Wrapping;

namespace Oktsec.Clients.Moving;

/// <summary>Plans how a client's servers come to stand behind the gateway, and the client at it. What cannot be moved is wrapped in place.</summary>
/// <param name="url">Where the gateway is.</param>
/// <param name="tokenOf">A client's token.</param>
internal sealed class Mover(Machine machine, Uri url, Func<string, string> tokenOf)
{
    private readonly Wrapper _wrapper = new(machine);
    private readonly Func<string, bool> _isGateway = GatewayAddress.Of(machine);
    private readonly Dictionary<string, string> _nameOf = [];
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase); // each has a folder of that name

    /// <exception cref="IOException">What was moved before cannot be read.</exception>
    public Plan Plan(IReadOnlyList<FoundClient> clients, WrapOptions options)
    {
        foreach (var (name, hash) in new MovedBook(machine).All().SelectMany(p => p.Servers))
            _nameOf[hash] = name;
        _taken.UnionWith(NamesInConfig());
        var (changes, notes, moves) = (new List<FileChange>(), new List<PlanNote>(), new List<FileMove>());
        var (agents, passing) = (new HashSet<string>(StringComparer.Ordinal), 0);
        foreach (var (client, files) in clients)
        {
            var stay = new List<(ClientServer Server, string Path, string Reason)>();
            var moved = files.Select(f => Move(client, f, stay, notes)).OfType<MovedFile>().ToList();
            var rest = _wrapper.Wrap([new FoundClient(client, [.. moved.Select(m => m.File)])], options);
            notes.AddRange(rest.Notes);
            notes.AddRange(stay.Where(s => rest.Notes.All(n => n.Server != s.Server.Name))
                .Select(s => new PlanNote(client, s.Path, null, $"\"{s.Server.Name}\" is wrapped in place: {s.Reason}", IsProblem: false)));
            agents.UnionWith(rest.Agents);
            passing += rest.Protected;
            foreach (var (before, file, unwrapped, servers) in moved)
            {
                if (servers.Count > 0)
                {
                    agents.Add(client.Id);
                    passing += servers.Count;
                    moves.Add(new FileMove(client, file.RealPath, servers));
                    if (!OperatingSystem.IsWindows() && client.SpeaksHttp && (File.GetUnixFileMode(file.RealPath) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0)
                        notes.Add(new PlanNote(client, file.Path, null, $"it will hold the client's token, and others may read it: chmod 600 {file.RealPath}", IsProblem: false));
                }
                var wrapped = rest.Changes.FirstOrDefault(c => c.File.RealPath == file.RealPath);
                var after = wrapped?.After ?? file.Bytes;
                if (!after.AsSpan().SequenceEqual(before.Bytes))
                    changes.Add(new FileChange(client, before, after, unwrapped, [.. file.Servers.Where(s => s.IsGateway), .. wrapped?.Servers ?? []]));
            }
            // Files that are no list of servers.
            changes.AddRange(rest.Changes.Where(c => moved.All(m => m.File.RealPath != c.File.RealPath)));
        }
        return new Plan(changes, notes) { Agents = [.. agents.Order(StringComparer.Ordinal)], Protected = passing, Moves = moves };
    }

    /// <param name="Before">As it is.</param>
    /// <param name="File">Without the servers that move; what else is to be wrapped is not yet.</param>
    private sealed record MovedFile(ClientFile Before, ClientFile File, byte[] Unwrapped, IReadOnlyList<MovedServer> Servers);

    // Null when it is left alone.
    private MovedFile? Move(Client client, ClientFile file, List<(ClientServer Server, string Path, string Reason)> stay, List<PlanNote> notes)
    {
        if (file.Problem is not null)
            return new MovedFile(file, file, file.Bytes, []); // wrap says so
        if (_wrapper.TryUnwrap(client, file, notes) is not { } unwrapped)
            return null;
        if (file.Servers.Count == 0)
            return new MovedFile(file, file, unwrapped, []);
        var (moved, servers) = MoveBare(client, file.With(unwrapped, _isGateway), stay, notes);
        return new MovedFile(file, moved, unwrapped, servers);
    }

    private (ClientFile File, IReadOnlyList<MovedServer> Servers) MoveBare(Client client, ClientFile file, List<(ClientServer Server, string Path, string Reason)> stay, List<PlanNote> notes)
    {
        var movable = new List<ClientServer>();
        foreach (var server in file.Servers.Where(s => s is { IsGateway: false, IsDisabled: false, Proxy: null }))
        {
            // A server of one project would be every project's, and its folder another.
            var reason = file.Place.IsProject || IsOfAProject(file.Place, server) ? "it belongs to a project"
                : file.Document!.Find([.. server.Path.SkipLast(1)]) is not MapNode ? "it stands in a list, out of which nothing can be taken without writing it anew"
                : Obstacle.Of(server);
            if (reason is null)
                movable.Add(server);
            else
                stay.Add((server, file.Path, reason));
        }
        if (movable.Count == 0)
            return (file, []);
        try
        {
            var document = file.Document!;
            foreach (var list in movable.GroupBy(s => string.Join('\0', s.Path.SkipLast(1))))
                document = GatewayEntry.Exchange(document, [.. list], new GatewayEntry(client, machine, url, tokenOf(client.Id)));
            List<MovedServer> servers = [.. movable.Select(s => (s.Name, Moving: new MovingServer(s))).DistinctBy(s => s.Moving.Hash).Select(s => s.Moving.As(NameOf(s.Moving, s.Name)))];
            return (file.With(file.BytesOf(document), _isGateway), servers);
        }
        catch (DocumentException e)
        {
            notes.Add(new PlanNote(client, file.Path, null, $"its servers cannot be moved: {e.Message}", IsProblem: true));
            return (file, []);
        }
    }

    // A list of its own under every key: Claude Code's servers of one folder.
    private static bool IsOfAProject(Place place, ClientServer server) => place.Lists.Any(l => l.Contains("*") && l.Count == server.Path.Count - 1);

    // The same server of two clients stands there once; another one of the same name gets a number.
    private string NameOf(MovingServer server, string wanted)
    {
        if (_nameOf.TryGetValue(server.Hash, out var known))
            return known;
        const int longest = 60; // a backend's name has 64, and the number wants some
        var stem = AgentNames.Of(wanted);
        stem = stem.Length > longest ? stem[..longest] : stem;
        var name = stem;
        for (var i = 2; !_taken.Add(name); i++)
            name = $"{stem}-{i}";
        return _nameOf[server.Hash] = name;
    }

    private IEnumerable<string> NamesInConfig() =>
        SafeFile.Read(machine.ConfigPath, ClientFile.MaxBytes) is { Problem: null } file
        && Document.Parse(DocumentFormat.Yaml, System.Text.Encoding.UTF8.GetString(file.Bytes)).Find("mcp_servers") is MapNode servers
            ? servers.Members.Select(m => m.Key)
            : [];
}
