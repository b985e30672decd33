using Oktsec.Clients;
using Oktsec.Clients.Files;
using Oktsec.Clients.Servers;

namespace Oktsec.Doctor.Checks;

/// <summary>Whether each client's servers start through oktsec as they were wrapped, and whether it asks about its own tools.</summary>
internal sealed class ClientsCheck(Func<Machine> machine) : IHealthCheck
{
    public const string CheckName = "clients";

    public string Name => CheckName;

    public ValueTask<IReadOnlyList<HealthLine>> LookAsync(Installation at, CancellationToken cancel)
    {
        var here = machine();
        var clients = Discovery.Find(here).Where(c => c.HasServers || c.Files.Any(f => f.Problem is not null) || HookState.Of(c, here) is not null).ToList();
        return new(clients.Count == 0 ? [HealthLine.Fine("none with MCP servers on this machine")] : [.. clients.SelectMany(c => Judge(c, here))]);
    }

    private static IEnumerable<HealthLine> Judge(FoundClient client, Machine machine)
    {
        var name = client.Client.Name;
        foreach (var file in client.Files.Where(f => f.Problem is not null))
            yield return HealthLine.Problem($"{name}: {file.Path} is left alone: {file.Problem}", "mend the file, then oktsec setup");
        // A server that is off starts nothing.
        var servers = client.Files.SelectMany(f => f.Servers.Where(s => !s.IsDisabled).Select(s => (File: f, Server: s))).ToList();
        var passing = servers.Where(s => s.Server.Protection != Protection.None).ToList();
        if (servers.Count == 0 && client.HasServers)
            yield return HealthLine.Fine($"{name}: all servers are disabled");
        if (passing.Count > 0)
            yield return HealthLine.Fine($"{name}: {passing.Count} of {servers.Count} servers through oktsec, {string.Join(" and ", passing.Select(s => Word(s.Server.Protection)).Distinct())}");
        var backups = new Backups(machine);
        foreach (var (file, server) in servers)
        {
            var before = AsWrapped(backups, file, server);
            foreach (var line in server.Protection == Protection.None ? Bare(client.Client, server, before) : Changed(client.Client, server, before, machine))
                yield return line;
        }
        if (HookState.Of(client, machine) is { } hooks)
            yield return OwnTools(client.Client, hooks, passing.Any(s => s.Server.Protection == Protection.Enforce));
    }

    // What no MCP server sees: its shell, its editor, its browser.
    private static HealthLine OwnTools(Client client, HookState hooks, bool isEnforcing)
    {
        var again = $"oktsec wrap {client.Id}{(isEnforcing || hooks.Protection == Protection.Enforce ? " --enforce" : "")}";
        if (hooks.Program is not { } program)
            return HealthLine.Warning($"{client.Name}: does not ask about its own tools: {hooks.Path} has no hook of oktsec", again);
        return Path.IsPathFullyQualified(program) && !File.Exists(program)
            ? HealthLine.Problem($"{client.Name}: the hook for its own tools starts {program}, which is not there", again)
            : HealthLine.Fine($"{client.Name}: its own tools ask oktsec, {Word(hooks.Protection)}");
    }

    private static IEnumerable<HealthLine> Bare(Client client, ClientServer server, ClientServer? before)
    {
        if (server.LeftAlone is { } why)
            yield return HealthLine.Warning($"{client.Name}: {server.Name} does not pass oktsec: {why}", "change its entry, then oktsec wrap " + client.Id);
        else if (server.Url is not null && before is null)
            yield return HealthLine.Warning($"{client.Name}: {server.Name} is remote and does not pass oktsec", $"oktsec wrap {client.Id} says whether it can; docs/clients.md");
        else
            yield return HealthLine.Problem($"{client.Name}: {server.Name} does not pass oktsec{(before is null ? "" : " any more: its entry was changed after it was wrapped")}", $"oktsec wrap {client.Id}");
    }

    private static IEnumerable<HealthLine> Changed(Client client, ClientServer server, ClientServer? before, Machine machine)
    {
        if (server.Proxy is not { } proxy)
            yield break;
        var missing = proxy.Program.FirstOrDefault(p => Path.IsPathFullyQualified(p) && !File.Exists(p));
        var again = $"oktsec wrap {client.Id}{(proxy.Enforce ? " --enforce" : "")}";
        if (missing is not null)
            yield return HealthLine.Problem($"{client.Name}: {server.Name} starts {missing}, which is not there", again);
        else if (!proxy.Program.SequenceEqual(machine.Program))
            yield return HealthLine.Warning($"{client.Name}: {server.Name} starts another oktsec than this one: {string.Join(' ', proxy.Program)}", again);
        if (before?.Proxy is { } written && (written.Enforce, written.InspectResponses, written.Agent, written.Config) != (proxy.Enforce, proxy.InspectResponses, proxy.Agent, proxy.Config))
        {
            var worse = written.Enforce && !proxy.Enforce ? ", and only observes now" : "";
            yield return HealthLine.Warning($"{client.Name}: the entry of {server.Name} was changed after it was wrapped{worse}", $"oktsec wrap {client.Id}{(written.Enforce ? " --enforce" : "")}");
        }
        if (ProxyStart.Problem(proxy) is (var problem, var remedy))
            yield return HealthLine.Problem($"{client.Name}: {server.Name}: {problem}", remedy);
    }

    // What wrap wrote into this entry; null when it wrote nothing, or nobody can know any more.
    private static ClientServer? AsWrapped(Backups backups, ClientFile file, ClientServer server)
    {
        try
        {
            return backups.Latest(file.RealPath) is { } backup
                ? file.With(backup.Wrapped, _ => false).Servers.FirstOrDefault(s => s.Proxy is not null && s.Name == server.Name && s.Path.SequenceEqual(server.Path))
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // unwrap says what is wrong with it
        }
    }

    private static string Word(Protection protection) => protection switch
    {
        Protection.Enforce => "enforced",
        Protection.Gateway => "behind the gateway",
        _ => "observed",
    };
}
