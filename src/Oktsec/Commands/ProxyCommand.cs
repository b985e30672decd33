using System.CommandLine;
using Microsoft.Extensions.Logging;
using Oktsec.Configuration;
using Oktsec.Core.Configuration;
using Oktsec.Gateway;
using Oktsec.Hosting;
using Oktsec.Identity;
using Oktsec.Mcp.Stdio;
using Oktsec.StdioProxy;

namespace Oktsec.Commands;

/// <summary><c>oktsec proxy</c>: the door that wraps one server in place, a program or a URL. stdout is the protocol and nothing else.</summary>
internal static class ProxyCommand
{
    public static Command Create()
    {
        var agent = new Option<string>("--agent") { Description = "The name that policies and records use", Required = true };
        var enforce = new Option<bool>("--enforce") { Description = "Deny; without it everything passes and the record says what would have been denied" };
        var inspect = new Option<bool>("--inspect-responses") { Description = "With --enforce: redact, replace and withhold what the server answers too" };
        var config = new Option<string?>("--config") { Description = "Configuration file; default $OKTSEC_CONFIG, ./oktsec.yaml, ~/.oktsec/config.yaml, else built-in" };
        var url = new Option<string?>("--url") { Description = "A server over HTTP instead of a program: Streamable HTTP or HTTP+SSE" };
        var header = new Option<string[]>("--header") { Description = "With --url: a header 'NAME: VALUE', sent with every request; ${ENV} and ${file:PATH} are filled in" };
        var urlEnv = new Option<string?>("--url-env") { Description = "The variable that holds the address, when the address holds a key: a command line can be read by everybody" };
        var headerEnv = new Option<string[]>("--header-env") { Description = "With a URL: NAME=VARIABLE, a header whose value is in a variable; oktsec wrap writes these" };
        var server = new Argument<string[]>("server") { Description = "The server after --: its program and arguments", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("proxy", "Wrap one server in place: oktsec proxy --agent NAME -- CMD ARGS..., or --url URL") { agent, enforce, inspect, config, url, header, urlEnv, headerEnv, server };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetValue(config),
            new ProxyOptions(parsed.GetRequiredValue(agent), parsed.GetValue(server) ?? [], parsed.GetValue(enforce), parsed.GetValue(inspect)),
            parsed.GetValue(url) ?? RemoteArguments.UrlIn(parsed.GetValue(urlEnv)), [.. parsed.GetValue(header) ?? [], .. (parsed.GetValue(headerEnv) ?? []).Select(RemoteArguments.HeaderIn)],
            parsed.InvocationConfiguration.Error, cancel));
        return command;
    }

    private static async Task<int> RunAsync(
        string? file, ProxyOptions options, string? url, IReadOnlyList<string> headers, TextWriter error, CancellationToken cancel)
    {
        // Before anything else: a signal that comes during the start must not be lost.
        using var signals = new ProxySignals();
        if (!AgentIdentity.IsName(options.Agent))
        {
            await error.WriteLineAsync("oktsec: --agent takes letters, digits, '.', '_' and '-', at most 128 of them");
            return ExitCodes.Usage;
        }
        if (url is null == (options.Command.Count == 0))
        {
            await error.WriteLineAsync("oktsec: the server is either a program after -- or the address after --url");
            return ExitCodes.Usage;
        }
        var path = ConfigFile.Find(file);
        using var watcher = path is not null ? new ConfigWatcher(path, MachineEnvironment.With(KnownRules.Of), TimeProvider.System) : null;
        if (Load(watcher, error) is not { } config)
            return ExitCodes.Usage;
        if (config is { Agents.Count: > 0, DefaultAllow: false } && !config.Agents.ContainsKey(options.Agent))
            await error.WriteLineAsync(
                $"oktsec: {path} does not name the agent {options.Agent}, so everything it sends {(options.IsEnforcing ? "is" : "would be")} denied (agent_unknown); add it under agents:, or choose another file with --config");
        if (url is not null && (options = options with { Remote = RemoteArguments.Read(options.Agent, url, headers, config.Limits, error) }).Remote is null)
            return ExitCodes.Usage;
        using var logs = new StderrLogs(error, TimeProvider.System);
        try
        {
            await using var host = Open(config, options, logs, error);
            if (host is null)
                return await ProxyHost.RunUnrecordedAsync(config, options, signals, logs.CreateLogger<ProxyHost>(), TimeProvider.System, cancel);
            watcher?.Start(host.Reload);
            return await host.RunAsync(signals, cancel);
        }
        catch (Exception e) when (e is StartException or ChildStartException)
        {
            await error.WriteLineAsync($"oktsec: {e.Message}");
            return ExitCodes.Usage;
        }
    }

    // Observing must break nothing: without a store the messages pass, and stderr says that nobody looks at them.
    private static ProxyHost? Open(OktsecConfig config, ProxyOptions options, ILoggerFactory logs, TextWriter error)
    {
        try
        {
            return ProxyHost.Create(config, options, logs, TimeProvider.System);
        }
        catch (StartException e) when (!options.IsEnforcing)
        {
            error.WriteLine($"oktsec: NOTHING IS CHECKED OR RECORDED, messages pass as they are: {e.Message}");
            return null;
        }
    }

    // No file is no error here: the defaults observe or enforce every rule for any agent.
    private static OktsecConfig? Load(ConfigWatcher? watcher, TextWriter error)
    {
        if (watcher is null)
            return new OktsecConfig { DbPath = Path.Join(MachineEnvironment.HomeFolder, ".oktsec", "oktsec.db") };
        var loaded = watcher.Load();
        // Errors only: what is merely odd is for `oktsec verify` to say, and much of it is about the gateway.
        foreach (var problem in loaded.Problems.Where(p => p.Kind == ProblemKind.Error))
            error.WriteLine(problem.ToString());
        foreach (var key in loaded.Config?.NotEnforced ?? [])
            error.WriteLine($"oktsec: NOT ENFORCED yet: {key}");
        return loaded.Config;
    }
}
