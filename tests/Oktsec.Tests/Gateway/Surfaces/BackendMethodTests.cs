using Oktsec.Core.Audit;
using Oktsec.Tests.Peers;
using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Gateway.Surfaces;

/// <summary>
/// Everything the published schemas let a server say by itself, in each revision with sessions: one clean message and one attack for each, the text where
/// the schema has one for people or models to read.
/// </summary>
public sealed class BackendMethodTests(BackendMethodTests.OneBackend one) : IClassFixture<BackendMethodTests.OneBackend>
{
    private const string Everything = """{"sampling":{},"elicitation":{},"roots":{"listChanged":true},"tasks":{"list":{},"cancel":{},"requests":{"sampling":{"createMessage":{}}}}}""";

    private static readonly string[] s_methods = [.. Lines().Select(l => l.Method).Distinct()];

    /// <summary>Revision and method, from tests/Oktsec.Core.Tests/mcp-methods.txt; and one of each kind that no revision knows.</summary>
    public static TheoryData<string, string> Methods { get; } = new([.. Lines(), ("2025-11-25", "x/own"), ("2025-11-25", "notifications/x")]);

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Message_Clean_ArrivesAndIsRecorded(string revision, string method)
    {
        var (answer, records) = await HearAsync(revision, method, "clean");
        // What needs no question of its own, no token and no other stream comes on the stream of the call.
        if (method is not ("notifications/cancelled" or "notifications/progress") && !method.EndsWith("list_changed", StringComparison.Ordinal))
            Assert.Contains("plain words", answer.Interim(method)!.ToJsonString());
        var record = Assert.Single(records);
        Assert.Equal(("allow", "one", "server", revision), (record.Decision, record.Backend, record.Direction, record.Agent));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Message_Injected_NeverReachesTheAgent(string revision, string method)
    {
        var (answer, records) = await HearAsync(revision, method, "evil");
        Assert.DoesNotContain(Mark, answer.Body);
        Assert.Null(answer.Interim(method));
        Assert.True(IsDenied(Assert.Single(records)));
        if (!method.StartsWith("notifications/", StringComparison.Ordinal))
            await TestGateway.UntilAsync(() => one.Gateway.ReceivedWith("one", $"\"{method}-evil\"").Any(l => l.Contains("-32600", StringComparison.Ordinal)));
    }

    /// <summary>The server is always asked before it says; then the call ends, and with it what came on its stream.</summary>
    private async Task<(Answer Answer, AuditEntry[] Records)> HearAsync(string revision, string method, string how)
    {
        var agent = await one.AgentAsync(revision);
        AuditEntry[] Said() => [.. one.Gateway.Said(method).Where(e => e.Agent == revision)];
        var before = Said().Length;
        var answer = await agent.CallAsync(ToolOf(method, how));
        Assert.True(answer.Text == "said", answer.Body);
        await TestGateway.UntilAsync(() => Said().Length > before);
        return (answer, Said()[..^before]);
    }

    // ping is answered by the connection: nothing of it is passed on, recorded or scanned (ServerSurfaceTests.Ping_IsAnsweredByTheGateway).
    private static IEnumerable<(string Revision, string Method)> Lines() =>
        from line in File.ReadLines(Path.Join(PeerPaths.Root, "tests/Oktsec.Core.Tests/mcp-methods.txt"))
        let parts = line.Split(' ')
        where parts is [not "2026-07-28", "backend", not "ping"]
        select (parts[0], parts[2]);

    private static string Params(string method, string text) => method switch
    {
        "sampling/createMessage" => $$"""{"messages":[{"role":"user","content":{"type":"text","text":{{text}} } }],"maxTokens":5}""",
        "elicitation/create" => $$"""{"message":{{text}},"requestedSchema":{"type":"object","properties":{} } }""",
        "tasks/get" or "tasks/result" or "tasks/cancel" => $$"""{"taskId":"none","_meta":{"note":{{text}} } }""",
        "notifications/cancelled" => $$"""{"requestId":"none","reason":{{text}} }""",
        "notifications/progress" => $$"""{"progressToken":"none","progress":1,"message":{{text}} }""",
        "notifications/resources/updated" => $$"""{"uri":"test://one","title":{{text}} }""",
        "notifications/message" => $$"""{"level":"info","logger":"db","data":{"text":{{text}} } }""",
        "notifications/tasks/status" => $$"""{"taskId":"none","status":"working","statusMessage":{{text}},"createdAt":"2025-11-25T10:30:00Z","lastUpdatedAt":"2025-11-25T10:30:00Z","ttl":null}""",
        "notifications/elicitation/complete" => $$"""{"elicitationId":"e-1","_meta":{"note":{{text}} } }""",
        _ => $$"""{"_meta":{"note":{{text}} } }""",
    };

    private static string ToolOf(string method, string how) => $"{how}_{method.Replace('/', '_')}";

    private static string Script()
    {
        string Saying(string method, string how, string text)
        {
            var id = method.StartsWith("notifications/", StringComparison.Ordinal) ? "" : $"\"id\":\"{method}-{how}\",";
            return $$"""
                {"name":"{{ToolOf(method, how)}}","inputSchema":{"type":"object"},"x-say":[{"jsonrpc":"2.0",{{id}}"method":"{{method}}","params":{{Params(method, Quote(text))}} }],
                 "x-result":{"content":[{"type":"text","text":"said"}]} }
                """;
        }
        return $$"""{"tools":[{{string.Join(',', s_methods.Concat(["x/own", "notifications/x"]).SelectMany(m => new[] { Saying(m, "clean", "plain words"), Saying(m, "evil", Evil) }))}}]}""";
    }

    /// <summary>One gateway before one backend, and one session of each revision, by an agent of that name.</summary>
    public sealed class OneBackend : IAsyncLifetime
    {
        private readonly Dictionary<string, TestAgent> _agents = [];
        private TestGateway? _gateway;

        internal TestGateway Gateway => _gateway!;

        public async ValueTask InitializeAsync() => _gateway = await StartAsync([Script()]);

        internal async Task<TestAgent> AgentAsync(string revision)
        {
            if (_agents.TryGetValue(revision, out var agent))
                return agent;
            agent = _agents[revision] = Gateway.Agent(revision);
            var opened = await agent.InitializeAsync(Everything, revision);
            Assert.Equal(revision, opened.Result!["protocolVersion"]!.GetValue<string>());
            await agent.RequestAsync("resources/subscribe", """{"uri":"test://one"}""");
            return agent;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var agent in _agents.Values)
                agent.Dispose();
            await Gateway.DisposeAsync();
        }
    }
}
