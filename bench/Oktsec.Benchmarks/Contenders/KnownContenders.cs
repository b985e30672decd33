using System.Diagnostics;

namespace Oktsec.Benchmarks.Contenders;

/// <summary>Every contender by name. One line each; what a peer is started with is what its users would write, in its faster mode.</summary>
/// <param name="Oktsec">The oktsec executable.</param>
/// <param name="NodeModules">Where <c>mcp-proxy</c> and <c>supergateway</c> are installed.</param>
/// <param name="Work">A temporary folder for configuration and databases, deleted in the end.</param>
internal sealed record KnownContenders(string Oktsec, string NodeModules, string Work) : IDisposable
{
    /// <summary>Compared unless the command line says otherwise.</summary>
    public const string Default = "direct,oktsec,oktsec-shared,mcp-proxy,supergateway";

    /// <summary>The agents of oktsec speak 2026-07-28; the relays know no revision without sessions.</summary>
    public bool IsStateless { get; init; }

    /// <param name="name">Of one of them; oktsec's with <c>@</c> and the path of another build behind it measures two builds in one run.</param>
    public Contender Start(string name) => name.Split('@') is [var kind, var build] ? (this with { Oktsec = build }).StartShownAs(name, kind) : StartShownAs(name, name);

    private Contender StartShownAs(string name, string kind) => kind switch
    {
        "direct" => new DirectContender(),
        "oktsec" => new ServerContender(Shown(name), port => Gateway(port, shared: false), IsStateless),
        "oktsec-shared" => new ServerContender(Shown(name), port => Gateway(port, shared: true), IsStateless),
        "mcp-proxy" => new ServerContender(name, port => McpProxy(port)),
        "mcp-proxy-stateless" => new ServerContender(name, port => McpProxy(port, "--stateless")),
        "supergateway" => new ServerContender(name, port => Supergateway(port, "--stateful")),
        "supergateway-stateless" => new ServerContender(name, port => Supergateway(port)),
        _ => throw new ArgumentException($"no contender \"{name}\""),
    };

    private string Shown(string name) => IsStateless ? $"{name}, {Load.StatelessConnection.Revision}" : name;

    public void Dispose() => Directory.Delete(Work, recursive: true);

    public ProcessStartInfo Gateway(int port, bool shared)
    {
        var config = GatewayConfigFile.Write(Path.Combine(Work, $"gateway-{port}"), port, shared);
        return new ProcessStartInfo(Oktsec, ["gateway", "--config", config]);
    }

    // One echo server for all sessions. The stream endpoint alone, without the event store: both cost and neither is used here.
    private ProcessStartInfo McpProxy(int port, params string[] mode) => Node(
        "mcp-proxy/dist/bin/mcp-proxy.mjs",
        ["--server", "stream", "--no-eventStore", "--host", "127.0.0.1", "--port", $"{port}", .. mode, "--", Environment.ProcessPath!, "echo-server"]);

    // Stateful: one echo server per session. Stateless starts one for every request, which is slower by the start of a process.
    private ProcessStartInfo Supergateway(int port, params string[] mode) => Node(
        "supergateway/dist/index.js",
        ["--stdio", $"{Environment.ProcessPath} echo-server", "--outputTransport", "streamableHttp", "--port", $"{port}", "--logLevel", "none", .. mode]);

    private ProcessStartInfo Node(string script, IEnumerable<string> arguments)
    {
        var path = Path.Combine(NodeModules, script);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} is not there: run npm ci in tests/peers, or name its node_modules with --node-modules");
        return new ProcessStartInfo("node", [path, .. arguments]);
    }
}
