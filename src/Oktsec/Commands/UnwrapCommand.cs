using System.CommandLine;
using Oktsec.Clients;
using Oktsec.Clients.Wrapping;
using Oktsec.Core.Audit;
using Oktsec.Storage;

namespace Oktsec.Commands;

/// <summary><c>oktsec unwrap</c>: takes back what <c>wrap</c> did.</summary>
internal static class UnwrapCommand
{
    public static Command Create()
    {
        var selection = new ClientSelection();
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would change, and change nothing" };
        var yes = new Option<bool>("--yes") { Description = "Do not ask" };
        var command = new Command("unwrap", "Let MCP clients start their servers themselves again: oktsec unwrap --all") { dryRun, yes };
        selection.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            var machine = Machine.Current();
            if (selection.Find(parsed, machine) is not { } clients)
                return ExitCodes.Usage;
            var plan = new Wrapper(machine).Unwrap(clients);
            var exit = new PlanDialog(machine, parsed.InvocationConfiguration).Run(
                plan, parsed.GetValue(dryRun), parsed.GetValue(yes),
                nothing: "Nothing to do: no server starts through oktsec.",
                done: $"{WrapCommand.Count(plan.Changes.Count, "file")} as before. Restart the client.");
            if (parsed.GetValue(dryRun) || await EndTokensAsync(machine, clients) is not { } why)
                return exit;
            parsed.InvocationConfiguration.Error.WriteLine($"oktsec: the clients' tokens could not be ended: {why}");
            return ExitCodes.Failure;
        });
        return command;
    }

    private static async Task<string?> EndTokensAsync(Machine machine, IReadOnlyList<FoundClient> clients)
    {
        try
        {
            await new ClientTokens(ClientTokens.FolderOf(machine), SetupCommand.StoreOf(machine), TimeProvider.System).EndUnusedAsync(machine, clients);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StoreException or AuditUnavailableException)
        {
            return e.Message;
        }
    }
}
