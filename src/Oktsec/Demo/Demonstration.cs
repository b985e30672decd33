using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Core.Audit;
using Oktsec.Core.Configuration;
using Oktsec.Hosting;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Demo;

/// <summary>Runs the gateway before the demonstration server in a temporary folder, and plays the scenes through its HTTP door.</summary>
internal sealed class Demonstration(DemoPrinter printer, TimeProvider time)
{
    /// <summary>Plays everything; returns whether every scene went as it should.</summary>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var folder = Directory.CreateTempSubdirectory("oktsec-demo-").FullName;
        try
        {
            var config = Config(folder);
            await using var host = await GatewayHost.StartAsync(config, new GatewayOptions(Port: 0), time, cancel);
            printer.Head(host.Url);
            var wrong = await PlayAsync(host.Url, folder, config.DbPath, cancel);
            printer.Tail(time.GetElapsedTime(started), wrong);
            return wrong.Count == 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<IReadOnlyList<string>> PlayAsync(Uri gateway, string folder, string dbPath, CancellationToken cancel)
    {
        using var http = new HttpClient();
        await using var store = SqliteStore.Open(dbPath, fullDurability: false, time, NullLogger.Instance);
        var agent = new DemoAgent(http, gateway, DemoScenes.Agent);
        await agent.ConnectAsync(cancel);
        var wrong = new List<string>();
        foreach (var (i, scene) in DemoScenes.All.Index())
        {
            var before = DemoBackend.Received(Counter(folder));
            var act = await scene.Act(agent, cancel);
            var received = DemoBackend.Received(Counter(folder));
            var row = store.Query(new AuditQuery { Tool = scene.Target, Limit = 1 }).FirstOrDefault();
            printer.Scene(i + 1, scene, act, row, before, received);
            if (DemoVerdict.DecisionOf(row) != scene.Decision || received - before != scene.Reaches)
                wrong.Add($"{scene.Title}: {scene.Decision} and {scene.Reaches} calls received should have been seen");
        }
        printer.Logs(store.Query(new AuditQuery()));
        return wrong;
    }

    private static OktsecConfig Config(string folder) => new()
    {
        DbPath = Path.Combine(folder, "oktsec.db"),
        McpServers =
        [
            new BackendConfig
            {
                Name = "demo",
                Transport = "stdio",
                Command = Environment.ProcessPath!,
                Args = [DemoBackend.CommandName, Counter(folder)],
                Env = RuntimeLocation(),
                Cwd = folder,
            },
        ],
        Agents = new Dictionary<string, AgentConfig>
        {
            [DemoScenes.Agent] = new() { Name = DemoScenes.Agent, AllowedTools = DemoScenes.AllowedTools },
        },
        RateLimit = new RateLimitConfig { PerAgent = DemoScenes.RateLimit, Window = TimeSpan.FromMinutes(1) },
    };

    // A child does not inherit our environment; a runtime outside the usual places is found through this variable only.
    private static Dictionary<string, string> RuntimeLocation() =>
        Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root ? new() { ["DOTNET_ROOT"] = root } : [];

    private static string Counter(string folder) => Path.Combine(folder, "received.txt");
}
