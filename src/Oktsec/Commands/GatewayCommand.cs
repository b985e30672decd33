using System.CommandLine;
using Oktsec.Configuration;
using Oktsec.Core.Configuration;
using Oktsec.Hosting;

namespace Oktsec.Commands;

/// <summary><c>oktsec gateway</c>: the door for agents.</summary>
internal static class GatewayCommand
{
    public static Command Create()
    {
        var config = new Option<string?>("--config") { Description = "Configuration file; default $OKTSEC_CONFIG, ./oktsec.yaml, ~/.oktsec/config.yaml" };
        var port = new Option<int?>("--port") { Description = "TCP port instead of gateway.port; 0 takes any free one" };
        var bind = new Option<string?>("--bind") { Description = "Address instead of gateway.bind" };
        var observe = new Option<bool>("--observe") { Description = "Record what would be denied, and deliver it" };
        var command = new Command("gateway", "Front MCP servers: agents connect here, every message passes the checks.") { config, port, bind, observe };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetValue(config),
            new GatewayOptions(parsed.GetValue(port), parsed.GetValue(bind), parsed.GetValue(observe)),
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancel));
        return command;
    }

    private static async Task<int> RunAsync(string? file, GatewayOptions options, TextWriter output, TextWriter error, CancellationToken cancel)
    {
        // Before anything else: a signal that comes during the start must not be lost.
        using var stop = new StopSignal(cancel);
        if (ConfigFile.Find(file) is not { } path)
        {
            await PrintAsync(ConfigFile.FindAndLoad(file, MachineEnvironment.With(KnownRules.Of)), error);
            return ExitCodes.Usage;
        }
        return await ServeAsync(path, options, stop, (host, config) => BannerAsync(host, config, options, output), error);
    }

    /// <summary>Runs the gateway of a configuration file until it is asked to stop.</summary>
    internal static async Task<int> ServeAsync(string path, GatewayOptions options, StopSignal stop, Func<GatewayHost, OktsecConfig, Task> banner, TextWriter error)
    {
        using var watcher = new ConfigWatcher(path, MachineEnvironment.With(KnownRules.Of), TimeProvider.System);
        var loaded = watcher.Load();
        await PrintAsync(loaded, error);
        if (loaded.Config is not { } config)
            return ExitCodes.Usage;
        try
        {
            await using var host = await GatewayHost.StartAsync(config, options, TimeProvider.System, stop.Token);
            watcher.Start(host.Reload);
            await banner(host, config);
            await WarnAsync(config, error);
            await stop.RequestedAsync();
            await host.StopAsync();
            return ExitCodes.Fine;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Fine; // asked to end while starting
        }
        catch (StartException e)
        {
            await error.WriteLineAsync($"oktsec: {e.Message}");
            return ExitCodes.Usage;
        }
    }

    private static async Task PrintAsync(ConfigLoadResult loaded, TextWriter error)
    {
        // That nothing is behind the gateway yet the banner says.
        foreach (var problem in loaded.Problems.Where(p => p.Kind == ProblemKind.Error || p.Path != "mcp_servers"))
            await error.WriteLineAsync(problem.ToString());
    }

    // After the banner, where it is the last thing on the screen: whoever wrote these keys believes to be protected by them.
    private static async Task WarnAsync(OktsecConfig config, TextWriter error)
    {
        if (config.NotEnforced.Count == 0)
            return;
        await error.WriteLineAsync("oktsec: NOT ENFORCED, these keys are written but protect nothing yet:");
        foreach (var key in config.NotEnforced)
            await error.WriteLineAsync($"  {key}");
        await error.FlushAsync();
    }

    private static async Task BannerAsync(GatewayHost host, OktsecConfig config, GatewayOptions options, TextWriter output)
    {
        await output.WriteLineAsync($"oktsec {VersionCommand.Version} gateway, {(options.IsObserving ? "observing" : "enforcing")}");
        await output.WriteLineAsync($"  agents    {host.Url}");
        await output.WriteLineAsync($"  backends  {(config.McpServers.Count == 0 ? "none (add some under mcp_servers:)" : string.Join(", ", config.McpServers.Select(b => b.Name)))}");
        await output.WriteLineAsync($"  records   {config.DbPath} (oktsec logs)");
        await output.FlushAsync();
    }
}
