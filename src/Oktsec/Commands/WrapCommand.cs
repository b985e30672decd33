using System.CommandLine;
using Oktsec.Clients;
using Oktsec.Clients.Wrapping;

namespace Oktsec.Commands;

/// <summary><c>oktsec wrap</c>: lets a client start its servers through oktsec.</summary>
internal static class WrapCommand
{
    public static Command Create()
    {
        var selection = new ClientSelection();
        var enforce = new Option<bool>("--enforce") { Description = "Deny, and withhold what servers answer; without it everything passes and is recorded" };
        var remote = new Option<bool>("--remote") { Description = "Remote servers without a header too; those that the client signs in to would stop working" };
        var gateway = new Option<bool>("--gateway") { Description = "Move the servers behind the gateway, and leave the client one entry that leads there" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would change, and change nothing" };
        var yes = new Option<bool>("--yes") { Description = "Do not ask" };
        var command = new Command("wrap", "Let MCP clients start their servers through oktsec: oktsec wrap --all") { enforce, gateway, remote, dryRun, yes };
        selection.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            var machine = Machine.Current();
            if (selection.Find(parsed, machine) is not { } clients)
                return ExitCodes.Usage;
            if (!SetupCommand.CanUse(machine, parsed.InvocationConfiguration.Error))
                return ExitCodes.Usage;
            var options = new WrapOptions { Enforce = parsed.GetValue(enforce), Remote = parsed.GetValue(remote) };
            if (parsed.GetValue(gateway))
                return await GatewayWrap.RunAsync(machine, clients, options, parsed.InvocationConfiguration, parsed.GetValue(dryRun), parsed.GetValue(yes));
            var plan = new Wrapper(machine).Wrap(clients, options);
            return new PlanDialog(machine, parsed.InvocationConfiguration).Run(
                plan, parsed.GetValue(dryRun), parsed.GetValue(yes),
                nothing: plan.Protected + plan.Hooked == 0 ? "There is no server to wrap." : $"Nothing to do: {Already(plan.Protected)}",
                done: $"Wrapped {Count(plan.Changes.Sum(c => c.Servers.Count), "server")} in {Count(plan.Changes.Count(c => c.Servers.Count > 0), "file")} ({How(parsed.GetValue(enforce))}){Hooks(plan)}. Restart the client. Undo: oktsec unwrap --all");
        });
        return command;
    }

    internal static string How(bool enforce) => enforce ? "denied calls are stopped" : "observed: nothing is stopped, add --enforce to stop";

    internal static string Already(int servers) => servers switch
    {
        0 => "the hooks are in place already.",
        1 => "the server starts through oktsec in this way already.",
        _ => $"all {servers} servers start through oktsec in this way already.",
    };

    internal static string Hooks(Plan plan) => plan.Hooked switch
    {
        0 => "",
        1 => "; 1 client asks oktsec about its own tools too",
        var n => $"; {n} clients ask oktsec about their own tools too",
    };

    internal static string Count(int n, string word) => n == 1 ? $"1 {word}" : $"{n} {word}s";
}
