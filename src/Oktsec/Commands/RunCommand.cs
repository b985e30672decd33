using System.CommandLine;
using Oktsec.Clients;
using Oktsec.Clients.Servers;
using Oktsec.Configuration;
using Oktsec.Core.Configuration;
using Oktsec.Hosting;

namespace Oktsec.Commands;

/// <summary><c>oktsec run</c>: setup where there is no configuration yet, then the gateway, observing unless told to enforce.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var config = new Option<string?>("--config") { Description = "Configuration file; default $OKTSEC_CONFIG, ./oktsec.yaml, ~/.oktsec/config.yaml, else one is written" };
        var enforce = new Option<bool>("--enforce") { Description = "Deny; without it everything passes and the record says what would have been denied" };
        var port = new Option<int?>("--port") { Description = "TCP port instead of gateway.port; 0 takes any free one" };
        var yes = new Option<bool>("--yes") { Description = "Do not ask before clients are wrapped" };
        var command = new Command("run", "Everything at once: protect this machine's MCP clients if that was not done yet, and run the gateway") { config, enforce, port, yes };
        command.SetAction(async (parsed, cancel) =>
        {
            // Before anything else: a signal that comes during the start must not be lost.
            using var stop = new StopSignal(cancel);
            var (io, machine, isEnforcing) = (parsed.InvocationConfiguration, Machine.Current(), parsed.GetValue(enforce));
            if (ConfigFile.Find(parsed.GetValue(config)) is not { } path)
            {
                var exit = await SetupCommand.RunAsync(machine, io, isEnforcing, isDryRun: false, parsed.GetValue(yes));
                // A client's file that could not be changed was named, and keeps nobody from running the rest.
                if (!File.Exists(machine.ConfigPath))
                    return exit == ExitCodes.Fine ? ExitCodes.Failure : exit;
                path = machine.ConfigPath;
            }
            return await GatewayCommand.ServeAsync(
                path, new GatewayOptions(parsed.GetValue(port), Bind: null, IsObserving: !isEnforcing), stop,
                (host, loaded) => BannerAsync(host, loaded, machine, isEnforcing, io.Output), io.Error);
        });
        return command;
    }

    private static async Task BannerAsync(GatewayHost host, OktsecConfig config, Machine machine, bool isEnforcing, TextWriter output)
    {
        var servers = Discovery.Find(machine).SelectMany(c => c.Files).SelectMany(f => f.Servers).Where(s => !s.IsDisabled).ToList();
        var passing = servers.Count(s => s.Protection != Protection.None);
        await output.WriteLineAsync();
        await output.WriteLineAsync($"oktsec {VersionCommand.Version}, {(isEnforcing ? "the gateway enforces" : "the gateway observes: nothing is stopped there without --enforce")}");
        await output.WriteLineAsync($"  clients   {(servers.Count == 0 ? "none with MCP servers on this machine; oktsec setup once there are some"
            : passing == servers.Count ? $"{WrapCommand.Count(passing, "server")}, all through oktsec (oktsec discover)"
            : $"{passing} of {servers.Count} servers start through oktsec; oktsec setup wraps the others")}");
        await output.WriteLineAsync($"  gateway   {host.Url}{(config.Gateway.RequireAuth == true ? ", with a token: oktsec tokens create NAME" : "")}");
        await output.WriteLineAsync($"  servers   {(config.McpServers.Count == 0 ? "none behind the gateway yet; add them under mcp_servers: in the config" : string.Join(", ", config.McpServers.Select(b => b.Name)))}");
        await output.WriteLineAsync($"  config    {config.SourcePath}");
        await output.WriteLineAsync($"  records   {config.DbPath} (oktsec logs --live)");
        await output.WriteLineAsync("  undo      oktsec unwrap --all");
        await output.FlushAsync();
    }
}
