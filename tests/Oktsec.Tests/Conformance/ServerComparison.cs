using System.Diagnostics;
using Oktsec.Tests.Peers;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Conformance;

/// <summary>The server scenarios of one revision, run twice at once: against the fixture backend, and against a gateway before another of its kind.</summary>
/// <param name="Direct">The checks of each scenario.</param>
internal sealed record ServerComparison(
    string Backend, string Revision, IReadOnlyDictionary<string, ConformanceCheck[]> Direct, IReadOnlyDictionary<string, ConformanceCheck[]> Through)
{
    /// <summary>The backend over stdio, started by <c>oktsec proxy</c>.</summary>
    public const string Proxy = "proxy";

    /// <summary>What passed on both sides of each proxy, where the backend is started by one.</summary>
    public IReadOnlyList<ProxyRecording> Recordings { get; init; } = [];

    /// <summary>How often the proxies' store has each method of an agent.</summary>
    public SortedDictionary<string, int> Recorded { get; init; } = [];

    /// <summary>A line for <c>./test</c> to print.</summary>
    public string Summary
    {
        get
        {
            var same = Direct.Keys.Count(scenario => Through.ContainsKey(scenario) && Lost(scenario).Length == 0);
            var flaws = Direct.Values.Sum(checks => checks.Count(check => check.IsFlaw));
            var (direct, through) = (Direct.Values.Sum(c => Passed(c).Length), Through.Values.Sum(c => Passed(c).Length));
            var door = Backend == Proxy ? Proxy : "gateway";
            return $"{Revision} {Backend,-5}: {Direct.Count} scenarios, {direct} checks pass directly ({flaws} do not), {through} through the {door}; none lost in {same} scenarios";
        }
    }

    /// <summary>What passes directly and not through the gateway. More than directly may pass: a reply is a stream for a client that names streams first.</summary>
    public string[] Lost(string scenario) => Lost(Direct[scenario], Through[scenario]);

    public static string[] Lost(ConformanceCheck[] direct, ConformanceCheck[] through)
    {
        var left = Passed(through).ToList();
        return [.. Passed(direct).Where(check => !left.Remove(check))];
    }

    /// <summary>What passed, in order: the same scenario passes some checks several times.</summary>
    public static string[] Passed(ConformanceCheck[] checks) =>
        [.. checks.Where(check => check.Status == "SUCCESS").Select(check => $"{check.Id} {check.Name}").Order(StringComparer.Ordinal)];

    public static async Task<ServerComparison> RunAsync(string backend, string revision)
    {
        var direct = DirectAsync(backend, revision);
        var through = ThroughAsync(backend, revision);
        return new ServerComparison(backend, revision, await direct, await through);
    }

    /// <summary>What passed directly over stdio, and what passes when <c>oktsec proxy</c> starts the same backend.</summary>
    public static async Task<ServerComparison> RunProxyAsync(ServerComparison stdio)
    {
        using var folder = new TempFolder();
        IReadOnlyDictionary<string, ConformanceCheck[]> through;
        await using (var server = await ListenAsync("bridge.mjs", ProxyRecording.Environment(folder), ProxyRecording.Command(StdioBackend)))
        {
            through = await ConformanceSuite.RunServerAsync(Url(server), stdio.Revision);
            await server.EndAsync(); // the proxies end with it, and have written down what they had to
        }
        return new ServerComparison(Proxy, stdio.Revision, stdio.Direct, through) { Recordings = ProxyRecording.Read(folder), Recorded = ProxyRecording.Recorded(folder) };
    }

    private static async Task<IReadOnlyDictionary<string, ConformanceCheck[]>> DirectAsync(string backend, string revision)
    {
        await using var server = backend == "http" ? await ListenAsync("backend.mjs", [], "http") : await ListenAsync("bridge.mjs", [], StdioBackend);
        return await ConformanceSuite.RunServerAsync(Url(server), revision);
    }

    private static async Task<IReadOnlyDictionary<string, ConformanceCheck[]>> ThroughAsync(string backend, string revision)
    {
        await using var server = backend == "http" ? await ListenAsync("backend.mjs", [], "http") : null;
        var target = server is null ? PeerTarget.Stdio(StdioBackend[0], StdioBackend[1..]) : PeerTarget.Http(Url(server));
        await using var gateway = await Peers.GatewayProcess.StartAsync([("backend", target)]);
        return await ConformanceSuite.RunServerAsync(gateway.Url, revision);
    }

    private static Uri Url(ListeningProcess server) => new($"http://127.0.0.1:{server.Port}/mcp");

    private static string[] StdioBackend { get; } = [ConformanceSuite.Node, Path.Combine(ConformanceSuite.Folder, "backend.mjs"), "stdio"];

    private static Task<ListeningProcess> ListenAsync(string script, Dictionary<string, string> environment, params string[] arguments) => ListeningProcess.StartAsync(
        port =>
        {
            var start = ConformanceSuite.Script(script, arguments);
            foreach (var (name, value) in environment)
                start.Environment[name] = value;
            start.Environment["PORT"] = $"{port}";
            return start;
        },
        ready: "listening on port");
}
