using System.CommandLine;
using Oktsec.Clients;
using Oktsec.Clients.Servers;
using Oktsec.Clients.Wrapping;
using Oktsec.Configuration;
using Oktsec.Core.Audit;
using Oktsec.Core.Configuration;
using Oktsec.Storage;

namespace Oktsec.Commands;

/// <summary><c>oktsec setup</c>: finds the clients of this machine, gives each a token, writes the configuration, wraps every server.</summary>
internal static class SetupCommand
{
    public static Command Create()
    {
        var enforce = new Option<bool>("--enforce") { Description = "Deny, and withhold what servers answer; without it everything passes and is recorded" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would change, and change nothing" };
        var yes = new Option<bool>("--yes") { Description = "Do not ask" };
        var command = new Command("setup", "Protect this machine: find the MCP clients, write the configuration, wrap every server") { enforce, dryRun, yes };
        command.SetAction((parsed, _) => RunAsync(Machine.Current(), parsed.InvocationConfiguration, parsed.GetValue(enforce), parsed.GetValue(dryRun), parsed.GetValue(yes)));
        return command;
    }

    /// <summary>The same for <c>run</c>, where there is no configuration yet.</summary>
    internal static async Task<int> RunAsync(Machine machine, InvocationConfiguration io, bool enforce, bool isDryRun, bool isSure)
    {
        if (!CanUse(machine, io.Error))
            return ExitCodes.Usage;
        var clients = Discovery.Find(machine);
        Tell(clients, io.Output);
        var plan = new Wrapper(machine).Wrap(clients, new WrapOptions { Enforce = enforce });
        // Each under its own name too: that is who its token proves, and who its hooks speak for.
        string[] names = [.. Wrapped(clients, plan).Select(c => c.Id)];
        plan = plan with { Agents = [.. plan.Agents.Union(names).Order(StringComparer.Ordinal)] };
        var exit = new PlanDialog(machine, io).Run(
            plan, isDryRun, isSure,
            nothing: plan.Protected + plan.Hooked == 0 ? "There is no server to wrap." : $"Nothing to do: {WrapCommand.Already(plan.Protected)}",
            done: $"{WrapCommand.Count(plan.Protected, "server")} now start{(plan.Protected == 1 ? "s" : "")} through oktsec ({WrapCommand.How(enforce)}){WrapCommand.Hooks(plan)}. Restart the clients.");
        if (isDryRun || (exit != ExitCodes.Fine && plan.Changes.Count > 0))
            return exit;
        if (OwnConfig.Prepare(machine, plan.Agents) is { } wrong)
        {
            io.Error.WriteLine($"oktsec: {machine.ConfigPath}: {wrong}");
            return ExitCodes.Failure;
        }
        if (names.Length > 0 && await TokensAsync(machine, names) is { } why)
        {
            io.Error.WriteLine($"oktsec: the clients have no tokens: {why}");
            return ExitCodes.Failure;
        }
        io.Output.WriteLine();
        io.Output.WriteLine($"  config    {machine.ConfigPath}");
        if (names.Length > 0)
            io.Output.WriteLine($"  tokens    {ClientTokens.FolderOf(machine)}: {string.Join(", ", names)}");
        io.Output.WriteLine("  records   oktsec logs");
        io.Output.WriteLine("  look      oktsec status");
        io.Output.WriteLine("  undo      oktsec unwrap --all");
        return exit;
    }

    /// <summary>Whether our configuration can be used, if there is one; what is wrong was said. With a broken one no wrapped server would start.</summary>
    internal static bool CanUse(Machine machine, TextWriter error)
    {
        if (!File.Exists(machine.ConfigPath) || ConfigFile.Load(machine.ConfigPath, MachineEnvironment.With(KnownRules.Of)) is not { Config: null } broken)
            return true;
        foreach (var problem in broken.Problems.Where(p => p.Kind == ProblemKind.Error))
            error.WriteLine(problem.ToString());
        error.WriteLine("oktsec: nothing was wrapped: with this configuration no wrapped server would start");
        return false;
    }

    private static IEnumerable<Client> Wrapped(IReadOnlyList<FoundClient> clients, Plan plan) =>
        clients.Where(c => plan.Changes.Any(p => p.Client == c.Client) || c.Files.Any(f => f.Servers.Any(s => s.Protection != Protection.None))).Select(c => c.Client);

    private static async Task<string?> TokensAsync(Machine machine, IEnumerable<string> clients)
    {
        try
        {
            await new ClientTokens(ClientTokens.FolderOf(machine), StoreOf(machine), TimeProvider.System).EnsureAsync(clients);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StoreException or AuditUnavailableException)
        {
            return e.Message;
        }
    }

    /// <summary>The store that wrapped servers write to.</summary>
    internal static string StoreOf(Machine machine) =>
        ConfigFile.Load(machine.ConfigPath, MachineEnvironment.With(KnownRules.Of)).Config?.DbPath ?? Path.Join(machine.Folder, "oktsec.db");

    private static void Tell(IReadOnlyList<FoundClient> clients, TextWriter output)
    {
        var found = clients.Where(c => c.HasServers).ToList();
        if (found.Count == 0)
            output.WriteLine("No MCP client with servers was found on this machine. Once one has servers, run oktsec setup again.");
        foreach (var client in found)
            output.WriteLine($"{client.Client.Name}: {TerminalText.Escape(string.Join(", ", client.Files.SelectMany(f => f.Servers).Select(s => s.Name).Distinct()))}");
    }
}
