using System.CommandLine;
using Oktsec.Clients;
using Oktsec.Clients.Wrapping;

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
        command.SetAction(parsed =>
        {
            var machine = Machine.Current();
            if (selection.Find(parsed, machine) is not { } clients)
                return ExitCodes.Usage;
            var plan = new Wrapper(machine).Unwrap(clients);
            return new PlanDialog(machine, parsed.InvocationConfiguration).Run(
                plan, parsed.GetValue(dryRun), parsed.GetValue(yes),
                nothing: "Nothing to do: no server starts through oktsec.",
                done: $"{WrapCommand.Count(plan.Changes.Count, "file")} as before. Restart the client.");
        });
        return command;
    }
}
