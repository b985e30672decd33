using Oktsec.Configuration;
using Oktsec.Core.Audit;
using Oktsec.Hosting;
using Oktsec.Storage.Sqlite;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Gateway;

/// <summary>A gateway on a free port, read from real YAML, before real child processes, with a store of its own.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly GatewayHost _host;

    private TestGateway(TempFolder folder, GatewayHost host) => (_folder, _host) = (folder, host);

    public Uri Url => _host.Url;

    public GatewayHost Host => _host;

    public TempFolder Folder => _folder;

    private SqliteStore Store => _host.Parts.Store;

    /// <summary>Starts with a configuration; <c>{folder}</c> stands for a folder of the test's own, <c>{server ...}</c> for the scripted server with those arguments.</summary>
    public static async Task<TestGateway> StartAsync(string yaml, bool observe = false, TimeProvider? time = null, Action<TempFolder>? prepare = null)
    {
        var folder = new TempFolder();
        prepare?.Invoke(folder);
        var file = folder["oktsec.yaml"];
        await File.WriteAllTextAsync(file, Expand(yaml, folder) + $"\ndb_path: {folder["store/oktsec.db"]}\n");
        var loaded = ConfigFile.Load(file, MachineEnvironment.With(KnownRules.Of));
        Assert.True(loaded.Config is not null, string.Join("\n", loaded.Problems));
        var host = await GatewayHost.StartAsync(loaded.Config, new GatewayOptions(Port: 0, IsObserving: observe), time ?? TimeProvider.System, CancellationToken.None);
        return new TestGateway(folder, host);
    }

    /// <summary>Applies another configuration to the running gateway.</summary>
    public async Task ReloadAsync(string yaml)
    {
        var file = _folder["next.yaml"];
        await File.WriteAllTextAsync(file, Expand(yaml, _folder) + $"\ndb_path: {_folder["store/oktsec.db"]}\n");
        var loaded = ConfigFile.Load(file, MachineEnvironment.With(KnownRules.Of));
        Assert.True(loaded.Config is not null, string.Join("\n", loaded.Problems));
        await _host.ApplyAsync(loaded.Config);
    }

    /// <summary>An agent that has not opened a session.</summary>
    public TestAgent Agent(string? name = "tester") => new(Url, name);

    /// <summary>An agent with a session.</summary>
    public async Task<TestAgent> ConnectAsync(string? name = "tester", string capabilities = "{}")
    {
        var agent = Agent(name);
        await agent.InitializeAsync(capabilities);
        return agent;
    }

    /// <summary>What reached a backend: every line it received.</summary>
    public string[] Received(string backend) => File.Exists(_folder[backend + ".received"]) ? File.ReadAllLines(_folder[backend + ".received"]) : [];

    /// <summary>The tools/call lines among them.</summary>
    public string[] CallsReceived(string backend) => [.. Received(backend).Where(l => l.Contains("tools/call", StringComparison.Ordinal))];

    /// <summary>Records, newest first.</summary>
    public IReadOnlyList<AuditRow> Records(string? method = null) =>
        [.. Store.Query(new AuditQuery { Limit = 1000 }).Where(r => method is null || r.Entry.Method == method)];

    public (Core.Quarantine.HeldItem Item, byte[] Content)? Held(string id) => Store.Find(id);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Waits for what another process does, for at most 60 s: it only ever takes that long when it fails.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var i = 0; i < 6000 && !condition(); i++)
            await tick.WaitForNextTickAsync();
        Assert.True(condition());
    }

    /// <summary>One backend entry of YAML: the scripted server over stdio, recording what it receives.</summary>
    public static string Backend(string name, params string[] arguments) =>
        $"""
          {name}:
            transport: stdio
            command: dotnet
            args: ["{ServerDll}", "--received", "__FOLDER__/{name}.received"{string.Concat(arguments.Select(a => $", \"{a}\""))}]

        """;

    /// <summary>The scripted server, built for the same configuration as this test.</summary>
    public static string ServerDll { get; } = Path.GetFullPath(Path.Join(
        AppContext.BaseDirectory, "../../../../Oktsec.TestServer/bin", Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!, "net10.0/Oktsec.TestServer.dll"));

    private static string Expand(string yaml, TempFolder folder) => yaml.Replace("__FOLDER__", folder.Path, StringComparison.Ordinal);
}
