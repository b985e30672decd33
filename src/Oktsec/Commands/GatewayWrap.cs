using System.CommandLine;
using Oktsec.Clients;
using Oktsec.Clients.Moving;
using Oktsec.Clients.Wrapping;
using Oktsec.Core.Audit;
using Oktsec.Core.Identity;
using Oktsec.Storage;

namespace Oktsec.Commands;

/// <summary><c>oktsec wrap --gateway</c>: the servers of clients move behind the gateway.</summary>
internal static class GatewayWrap
{
    // Shown where no token was made: it is hidden anyway.
    private const string Shown = TokenSecret.Prefix + "0";

    public static async Task<int> RunAsync(Machine machine, IReadOnlyList<FoundClient> clients, WrapOptions options, InvocationConfiguration io, bool isDryRun, bool isSure)
    {
        if (GatewayAddress.UrlOf(machine) is not { } url)
        {
            io.Error.WriteLine($"oktsec: gateway.port is auto in {machine.ConfigPath}, and clients need one that stays; write a number there");
            return ExitCodes.Usage;
        }
        // A file of nobody we know has no name that a token could prove.
        var known = clients.Where(c => KnownClients.Find(c.Client.Id) is not null && c.HasServers).ToList();
        var tokens = new ClientTokens(ClientTokens.FolderOf(machine), SetupCommand.StoreOf(machine), TimeProvider.System);
        try
        {
            if (known.Count < clients.Count(c => c.HasServers))
            {
                io.Error.WriteLine("oktsec: --gateway takes a client that oktsec knows; oktsec discover shows them");
                return ExitCodes.Usage;
            }
            if (!isDryRun)
                await tokens.EnsureAsync(known.Select(c => c.Client.Id));
            var plan = new Mover(machine, url, client => isDryRun ? Shown : tokens.Read(client) ?? Shown).Plan(known, options);
            var moved = plan.Moves.SelectMany(m => m.Servers).DistinctBy(s => s.Name).Count();
            var exit = new PlanDialog(machine, io).Run(
                plan, isDryRun, isSure,
                nothing: plan.Protected == 0 ? "There is no server to move." : $"Nothing to do: {WrapCommand.Already(plan.Protected)}",
                done: $"{WrapCommand.Count(moved, "server")} behind the gateway at {url}. Keep it running: oktsec run{(options.Enforce ? " --enforce" : "")}. Restart the client. Undo: oktsec unwrap --all");
            if (!isDryRun)
                await tokens.EndUnusedAsync(machine, known);
            return exit;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StoreException or AuditUnavailableException)
        {
            io.Error.WriteLine($"oktsec: {e.Message}");
            return ExitCodes.Failure;
        }
    }
}
