using System.Diagnostics;

namespace Oktsec.Tests.Gateway.Healing;

/// <summary>The ways a backend is spoken to.</summary>
public enum BackendKind
{
    Stdio,
    Http,
    Sse,
    Modern,
    ModernHttp,
}

/// <summary>A gateway before one scripted server of some kind, which a test can hurt, and an agent of either era.</summary>
internal sealed class Patient : IAsyncDisposable
{
    private readonly BackendKind _kind;
    private readonly string[] _arguments;
    private HttpServer? _server;

    private Patient(BackendKind kind, string[] arguments, HttpServer? server, TestGateway gateway) =>
        (_kind, _arguments, _server, Gateway) = (kind, arguments, server, gateway);

    public TestGateway Gateway { get; }

    /// <summary>Every kind of backend before an agent of each era.</summary>
    public static TheoryData<BackendKind, bool> Everybody { get; } = new(
        from kind in Enum.GetValues<BackendKind>() from isStateless in (bool[])[false, true] select (kind, isStateless));

    /// <param name="kind">Of the backend.</param>
    /// <param name="arguments">Of the server; <c>__FOLDER__</c> is the test's own folder.</param>
    /// <param name="entry">More lines of its entry, indented.</param>
    /// <param name="script">The server's script.</param>
    public static async Task<Patient> StartAsync(BackendKind kind, string[]? arguments = null, string entry = "", string script = "{}", string more = "", TimeProvider? time = null)
    {
        HttpServer? server = null;
        var folder = Path.Join(Path.GetTempPath(), Path.GetRandomFileName());
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Join(folder, "script.json"), script.Replace("__OWN__", folder, StringComparison.Ordinal));
        string[] all =
        [
            "--script", Path.Join(folder, "script.json"), .. (arguments ?? []).Select(a => a.Replace("__OWN__", folder, StringComparison.Ordinal)),
            .. kind is BackendKind.Modern or BackendKind.ModernHttp ? (string[])["--modern"] : [],
        ];
        if (kind is not (BackendKind.Stdio or BackendKind.Modern))
            server = await HttpServer.StartAsync([.. all, "--received", Path.Join(folder, "received")]);
        var backend = kind switch
        {
            BackendKind.Stdio or BackendKind.Modern => TestGateway.Backend("one", all).Replace("__FOLDER__/one.received", Path.Join(folder, "received"), StringComparison.Ordinal),
            BackendKind.Sse => server!.Backend("one", "/sse", "sse"),
            _ => server!.Backend("one"),
        };
        return new Patient(kind, all, server, await TestGateway.StartAsync($"mcp_servers:\n{backend.TrimEnd('\n')}\n{entry}\n{more}\n", time: time)) { Folder = folder };
    }

    /// <summary>Of the server's own files.</summary>
    public string Folder { get; private init; } = "";

    /// <summary>An agent with whatever its era needs.</summary>
    public async Task<Visitor> AgentAsync(bool isStateless)
    {
        if (isStateless)
            return new Visitor(new Stateless.StatelessAgent(Gateway));
        var agent = Gateway.Agent();
        await agent.InitializeAsync(version: "2025-11-25");
        agent.Headers["MCP-Protocol-Version"] = "2025-11-25";
        return new Visitor(agent);
    }

    /// <summary>How often the server was asked for its tools.</summary>
    public int ListsAsked() => File.ReadAllLines(Path.Join(Folder, "received")).Count(l => l.Contains("\"tools/list\"", StringComparison.Ordinal));

    public void Script(string script) => File.WriteAllText(Path.Join(Folder, "script.json"), script);

    /// <summary>The calls of a tool that reached the server, whichever process it was.</summary>
    public string[] Calls(string tool) => [.. File.ReadAllLines(Path.Join(Folder, "received")).Where(l => l.Contains("tools/call", StringComparison.Ordinal) && l.Contains($"\"{tool}\"", StringComparison.Ordinal))];

    /// <summary>Ends the server's process; over HTTP another takes its place.</summary>
    public async Task RestartAsync(Visitor agent)
    {
        if (_server is not null)
        {
            _server = await _server.RestartAsync([.. _arguments, "--received", Path.Join(Folder, "received")]);
            // Who looked while nobody listened there lets a moment pass before the next look.
            await TestGateway.UntilAsync(() => Gateway.Host.Parts.Sessions.All.All(s => !s.Slots[0].Health.IsDown));
            return;
        }
        using var child = Process.GetProcessById(int.Parse((await agent.CallAsync("pid")).Text));
        child.Kill();
        await TestGateway.UntilAsync(() => Gateway.Host.Parts.Sessions.All.All(s => s.Slots[0].Current is not { Stats.Pid: var pid } || pid != child.Id));
    }

    /// <summary>Ends the server for good: over stdio its next start fails.</summary>
    public async Task StopAsync(Visitor agent)
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            _server = null;
            return;
        }
        File.WriteAllText(Path.Join(Folder, "script.json"), "no JSON");
        await RestartAsync(agent);
    }

    public bool IsOverHttp => _kind is not (BackendKind.Stdio or BackendKind.Modern);

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>An agent of either era, spoken through alike.</summary>
internal sealed class Visitor : IDisposable
{
    private readonly TestAgent? _session;
    private readonly Stateless.StatelessAgent? _stateless;

    public Visitor(TestAgent agent) => _session = agent;

    public Visitor(Stateless.StatelessAgent agent) => _stateless = agent;

    /// <summary>Null where the era has no sessions.</summary>
    public string? SessionId => _session?.Session;

    public Task<Answer> CallAsync(string tool, string arguments = "{}") => _session?.CallAsync(tool, arguments) ?? _stateless!.CallAsync(tool, arguments);

    public Task<Answer> EchoAsync(string text) => CallAsync("echo", $$"""{"message":"{{text}}"}""");

    /// <param name="members">Raw members of params.</param>
    public Task<Answer> RequestAsync(string method, string members = "") =>
        _session?.RequestAsync(method, $"{{{members}}}") ?? _stateless!.RequestAsync(method, members);

    public async Task<string[]> ListAsync() => [.. (await RequestAsync("tools/list")).Result!["tools"]!.AsArray().Select(t => (string)t!["name"]!)];

    /// <summary>The stream on which it hears of changes: GET, or subscriptions/listen once that is acknowledged.</summary>
    public async Task<IAsyncEnumerator<string>> ListenAsync(CancellationToken cancel)
    {
        var messages = (_session is not null ? HearAsync(_session, cancel) : HearAsync(_stateless!, cancel)).GetAsyncEnumerator(cancel);
        if (_stateless is not null)
            Assert.True(await messages.MoveNextAsync());
        return messages;
    }

    public void Dispose()
    {
        _session?.Dispose();
        _stateless?.Dispose();
    }

    private static async IAsyncEnumerable<string> HearAsync(TestAgent agent, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var message in agent.ListenAsync(cancel))
            yield return (string)message["method"]!;
    }

    private static async IAsyncEnumerable<string> HearAsync(Stateless.StatelessAgent agent, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        using var stream = await Stateless.OpenStream.OfAsync(agent.PostAsync(
            agent.Body("subscriptions/listen", """ "notifications":{"toolsListChanged":true} """), CancellationToken.None));
        while (true)
            yield return (string)(await stream.NextAsync().WaitAsync(cancel))["method"]!;
    }
}
