using System.CommandLine;
using Oktsec.Configuration;
using Oktsec.Core.Configuration;
using Oktsec.Gateway;
using Oktsec.Hook;
using Oktsec.Hosting;
using Oktsec.Identity;

namespace Oktsec.Commands;

/// <summary><c>oktsec hook</c>: reads one event of a client on stdin, and answers in that client's format.</summary>
/// <remarks>Enforcing, whatever keeps it from deciding is a denial. Observing, everything passes.</remarks>
internal static class HookCommand
{
    // Clients wait a minute for a hook. Half of it: a store that is locked gives up after five seconds, a machine under load starts slowly.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private const int Deny = 2; // what every client takes for a denial, also those that do not read the answer

    public static Command Create()
    {
        var agent = new Option<string?>("--agent") { Description = "The name that policies and records use; default the client's: claude-code, gemini-cli, cursor" };
        var enforce = new Option<bool>("--enforce") { Description = "Deny; without it everything passes and the record says what would have been denied" };
        var config = new Option<string?>("--config") { Description = "Configuration file; default $OKTSEC_CONFIG, ./oktsec.yaml, ~/.oktsec/config.yaml, else built-in" };
        var command = new Command("hook", "Judge one tool call of a client that has hooks; the event comes on stdin") { agent, enforce, config };
        command.SetAction((parsed, _) => RunAsync(
            parsed.GetValue(config), parsed.GetValue(agent), parsed.GetValue(enforce),
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static async Task<int> RunAsync(string? file, string? agent, bool isEnforcing, TextWriter output, TextWriter error)
    {
        var run = new HookRun(isEnforcing);
        try
        {
            await Task.Run(() => DecideAsync(run, file, agent, error)).WaitAsync(s_patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            run.Fail($"it took longer than {s_patience.TotalSeconds:0} s to decide");
        }
        catch (Exception e) // The door: whatever went wrong is a denial where denials count.
        {
            run.Fail(e is StartException or IOException ? e.Message : $"it failed ({e.GetType().Name})");
        }
        if (run.Problem is { } problem && !isEnforcing)
            await error.WriteLineAsync($"oktsec: NOTHING IS CHECKED OR RECORDED, the tool call passes: {problem}");
        if (run.Denial is not { } denial)
            return ExitCodes.Fine;
        await output.WriteLineAsync(run.Format.Denial(run.EventName, denial));
        await error.WriteLineAsync(denial);
        return Deny;
    }

    private static async Task DecideAsync(HookRun run, string? file, string? agent, TextWriter error)
    {
        using var stdin = Console.OpenStandardInput();
        var cap = new LimitsConfig().MaxResultBytes;
        var reading = run.ReadAsync(stdin, cap);
        if (agent is not null && !AgentIdentity.IsName(agent))
            throw new StartException("--agent takes letters, digits, '.', '_' and '-', at most 128 of them");
        var config = Load(file, error);
        using var logs = new StderrLogs(error, TimeProvider.System);
        await using var host = HookHost.Create(config, run.IsEnforcing, logs, TimeProvider.System);
        await reading;
        await run.JudgeAsync(host.Judge, agent, config.Limits);
    }

    // No file is no error here: the defaults observe or enforce every rule for any agent.
    private static OktsecConfig Load(string? file, TextWriter error)
    {
        if (ConfigFile.Find(file) is not { } path)
            return new OktsecConfig { DbPath = Path.Join(MachineEnvironment.HomeFolder, ".oktsec", "oktsec.db") };
        var loaded = ConfigFile.Load(path, MachineEnvironment.With(KnownRules.Of));
        foreach (var problem in loaded.Problems.Where(p => p.Kind == ProblemKind.Error))
            error.WriteLine(problem.ToString());
        return loaded.Config ?? throw new StartException($"the configuration {path} has errors; see oktsec verify {path}");
    }
}
