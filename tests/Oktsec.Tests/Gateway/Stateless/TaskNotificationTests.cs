using System.Net;
using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Gateway.Stateless;

/// <summary>
/// <c>notifications/tasks</c> and the <c>taskIds</c> of subscriptions/listen (2026-07-28, the extension io.modelcontextprotocol/tasks): judged as the result of the
/// task's tool, recorded, and told to nobody but the agent that the task was made for and that asked.
/// </summary>
public sealed class TaskNotificationTests
{
    private const string Capable = """{"extensions":{"io.modelcontextprotocol/tasks":{}}}""";

    private static string Job(string name, string id) =>
        $$$"""{"name":"{{{name}}}","inputSchema":{"type":"object"},"x-result":{"resultType":"task","taskId":"{{{id}}}","status":"working","createdAt":"2026-07-28T10:00:00Z","lastUpdatedAt":"2026-07-28T10:00:00Z","ttlMs":60000} }""";

    // A tool that makes the server say how task t-1 stands.
    private static string Telling(string name, string members) =>
        $$$"""{"name":"{{{name}}}","inputSchema":{"type":"object"},"x-announce":{"method":"notifications/tasks","params":{"taskId":"t-1","status":"input_required","ttlMs":null,{{{members}}} } } }""";

    private static string Asking(string text) => $"\"inputRequests\":{{\"k\":{{\"method\":\"elicitation/create\",\"params\":{{\"message\":{Quote(text)}}}}}}}";

    private static string Script { get; } =
        $$$"""
            {"tools":[{{{Job("job", "t-1")}}},{{{Job("other_job", "t-2")}}},{{{Job("quiet_job", "silent-1")}}},{{{Telling("evil_state", $"\"statusMessage\":{Quote(Evil)}")}}},{{{Telling("evil_question", Asking(Evil))}}},
            {{{Telling("question", Asking("What is your name?"))}}},{{{Telling("questions", "\"inputRequests\":{" + string.Join(',', Enumerable.Range(0, 65).Select(i => $"\"k{i}\":{{\"method\":\"roots/list\"}}")) + "}")}}}],
            "answers":{"tasks/get":{"resultType":"complete","taskId":"t-1","status":"completed","ttlMs":null,"result":{"content":[{"type":"text","text":"found again"}]} } } }
            """;

    private static Task<TestGateway> StartAsync(string more = "", params string[] servers) => TestGateway.StartAsync(
        "mcp_servers:\n" + string.Concat((servers.Length > 0 ? servers : ["one"]).Select(s => TestGateway.Backend(s, "--modern", "--script", "__FOLDER__/s.json"))) + more,
        prepare: f => File.WriteAllText(f["s.json"], Script));

    private static Task<OpenStream> ListenAsync(StatelessAgent agent, string filter) =>
        OpenStream.OfAsync(agent.PostAsync(agent.Body("subscriptions/listen", $"\"notifications\":{filter}"), CancellationToken.None));

    private static Task<Answer> AnnounceAsync(StatelessAgent agent, string id, string text, string tool = "announce")
    {
        var members = $$$"""
            "taskId":"{{{id}}}","status":"completed","ttlMs":null,"result":{"content":[{"type":"text","text":{{{Quote(text)}}} }]}
            """;
        return agent.CallAsync(tool, $"{{\"method\":\"notifications/tasks\",\"members\":{Quote(members)}}}");
    }

    [Fact]
    public async Task Listen_ToATask_HearsHowItStandsUntilItLeaves()
    {
        await using var gateway = await StartAsync();
        using var agent = new StatelessAgent(gateway, "alice", Capable);
        await agent.CallAsync("job");
        var stream = await ListenAsync(agent, """{"taskIds":["t-1","no-such-task"]}""");
        Assert.Equal("""{"taskIds":["t-1"]}""", (await stream.NextAsync())["params"]!["notifications"]!.ToJsonString());

        await AnnounceAsync(agent, "t-1", "done at last");
        var told = await stream.NextAsync();
        Assert.Equal(("notifications/tasks", "t-1", "done at last"),
            ((string?)told["method"], (string?)told["params"]!["taskId"], (string?)told["params"]!["result"]!["content"]![0]!["text"]));
        Assert.Equal(2, (int)told["params"]!["_meta"]!["io.modelcontextprotocol/subscriptionId"]!); // the agent's own request
        var record = Assert.Single(gateway.Said("notifications/tasks"));
        Assert.Equal(("allow", "alice", "one", "job"), (record.Decision, record.Agent, record.Backend, record.Target));
        Assert.Contains("\"taskIds\":[\"t-1\"]", gateway.ReceivedWith("one", "subscriptions/listen")[^1]);

        stream.Dispose();
        await TestGateway.UntilAsync(() => !gateway.ReceivedWith("one", "subscriptions/listen")[^1].Contains("taskIds", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TaskOfAnother_CannotBeListenedToAndIsHeardByItsOwnerOnly()
    {
        await using var gateway = await StartAsync();
        using var alice = new StatelessAgent(gateway, "alice", Capable);
        using var mallory = new StatelessAgent(gateway, "mallory", Capable);
        await alice.CallAsync("job");
        await mallory.CallAsync("other_job");
        using var hers = await ListenAsync(alice, """{"taskIds":["t-1"]}""");
        using var his = await ListenAsync(mallory, """{"taskIds":["t-1","t-2"]}""");
        await hers.NextAsync();
        Assert.Equal("""{"taskIds":["t-2"]}""", (await his.NextAsync())["params"]!["notifications"]!.ToJsonString());

        await AnnounceAsync(mallory, "t-1", "forged in his own process");
        await AnnounceAsync(mallory, "t-2", "his");
        await AnnounceAsync(alice, "t-1", "hers");
        Assert.Equal("his", (string?)(await his.NextAsync())["params"]!["result"]!["content"]![0]!["text"]);
        Assert.Equal("hers", (string?)(await hers.NextAsync())["params"]!["result"]!["content"]![0]!["text"]);
    }

    [Fact]
    public async Task Tasks_OnASharedBackend_AreHeardByWhomTheyWereMadeFor()
    {
        await using var gateway = await TestGateway.StartAsync(
            "mcp_servers:\n" + TestGateway.Backend("one", "--modern", "--script", "__FOLDER__/s.json") + "    shared: true\n", prepare: f => File.WriteAllText(f["s.json"], Script));
        using var alice = new StatelessAgent(gateway, "alice", Capable);
        using var mallory = new StatelessAgent(gateway, "mallory", Capable);
        await alice.CallAsync("job");
        await mallory.CallAsync("other_job");
        using var hers = await ListenAsync(alice, """{"taskIds":["t-1","t-2"]}""");
        using var his = await ListenAsync(mallory, """{"taskIds":["t-1","t-2"]}""");
        Assert.Equal("""{"taskIds":["t-1"]}""", (await hers.NextAsync())["params"]!["notifications"]!.ToJsonString());
        Assert.Equal("""{"taskIds":["t-2"]}""", (await his.NextAsync())["params"]!["notifications"]!.ToJsonString());

        await AnnounceAsync(mallory, "t-1", "for her");
        await AnnounceAsync(alice, "t-2", "for him");
        Assert.Equal("for her", (string?)(await hers.NextAsync())["params"]!["result"]!["content"]![0]!["text"]);
        Assert.Equal("for him", (string?)(await his.NextAsync())["params"]!["result"]!["content"]![0]!["text"]);
        Assert.Equal(["alice", "mallory"], gateway.Said("notifications/tasks").Select(e => e.Agent).Order());
    }

    [Fact]
    public async Task TaskState_Poisoned_NeverReachesTheAgent()
    {
        await using var gateway = await StartAsync();
        using var agent = new StatelessAgent(gateway, capabilities: Capable);
        await agent.CallAsync("job");
        using var stream = await ListenAsync(agent, """{"taskIds":["t-1"]}""");
        await stream.NextAsync();
        await agent.CallAsync("evil_state");
        await AnnounceAsync(agent, "t-1", "clean after all");

        var told = await stream.NextAsync();
        Assert.DoesNotContain(Mark, told.ToJsonString());
        Assert.Equal("clean after all", (string?)told["params"]!["result"]!["content"]![0]!["text"]);
        Assert.True(IsDenied(gateway.Said("notifications/tasks")[1]));
    }

    [Fact]
    public async Task QuestionsOfATask_AreJudgedAndRecordedAsQuestions_EvenWhereResultsAreNotScanned()
    {
        await using var gateway = await StartAsync("gateway: { scan_responses: false }\n");
        using var agent = new StatelessAgent(gateway, capabilities: Capable);
        await agent.CallAsync("job");
        using var stream = await ListenAsync(agent, """{"taskIds":["t-1"]}""");
        await stream.NextAsync();
        await agent.CallAsync("evil_question");
        await agent.CallAsync("question");
        await agent.CallAsync("questions");
        await AnnounceAsync(agent, "t-1", "the last");

        var told = await stream.NextAsync();
        Assert.Equal("What is your name?", (string?)told["params"]!["inputRequests"]!["k"]!["params"]!["message"]);
        Assert.Equal("the last", (string?)(await stream.NextAsync())["params"]!["result"]!["content"]![0]!["text"]);
        var asked = gateway.Said("elicitation/create");
        Assert.Equal([false, true], asked.Select(IsDenied));
        Assert.Equal("message_malformed", gateway.Said("notifications/tasks")[1].Decision);
        Assert.Equal(65, gateway.Said("roots/list").Length);
    }

    [Fact]
    public async Task Listen_ToTasks_WithoutTheExtension_IsToldWhatIsMissing()
    {
        await using var gateway = await StartAsync();
        using var agent = new StatelessAgent(gateway);
        var answer = await agent.RequestAsync("subscriptions/listen", "\"notifications\":{\"taskIds\":[\"t-1\"]}");
        Assert.Equal((HttpStatusCode.BadRequest, -32021), (answer.Status, (int)answer.Error!["code"]!));
        Assert.NotNull(answer.Error["data"]!["requiredCapabilities"]!["extensions"]!["io.modelcontextprotocol/tasks"]);
    }

    [Fact]
    public async Task TaskOfAToolThatIsHiddenNow_IsNotHeardOf()
    {
        var servers = "mcp_servers:\n" + TestGateway.Backend("one", "--modern", "--script", "__FOLDER__/s.json");
        await using var gateway = await StartAsync("agents: { tester: {} }\n");
        using var agent = new StatelessAgent(gateway, capabilities: Capable);
        await agent.CallAsync("job");
        await agent.CallAsync("other_job");
        using var before = await ListenAsync(agent, """{"taskIds":["t-1","t-2"]}""");
        await before.NextAsync();
        await gateway.ReloadAsync(servers + "agents: { tester: { denied_tools: [job] } }\n");

        using var after = await ListenAsync(agent, """{"taskIds":["t-1","t-2"]}""");
        Assert.Equal("""{"taskIds":["t-2"]}""", (await after.NextAsync())["params"]!["notifications"]!.ToJsonString());
        await AnnounceAsync(agent, "t-1", "hidden");
        await AnnounceAsync(agent, "t-2", "seen");
        Assert.Equal("seen", (string?)(await before.NextAsync())["params"]!["result"]!["content"]![0]!["text"]);
    }

    [Fact]
    public async Task TaskThatABackendDoesNotTellOf_IsNotAgreedTo()
    {
        await using var gateway = await StartAsync();
        using var agent = new StatelessAgent(gateway, capabilities: Capable);
        await agent.CallAsync("quiet_job");
        using var stream = await ListenAsync(agent, """{"taskIds":["silent-1"],"toolsListChanged":true}""");
        Assert.Equal("""{"toolsListChanged":true}""", (await stream.NextAsync())["params"]!["notifications"]!.ToJsonString());
    }

    [Fact]
    public async Task Tasks_OfTwoBackendsWithTheSameId_AreToldApart()
    {
        await using var gateway = await StartAsync("", "one", "two");
        using var agent = new StatelessAgent(gateway, capabilities: Capable);
        var ids = new List<string>();
        foreach (var tool in new[] { "one_job", "two_job" })
            ids.Add((string)(await agent.CallAsync(tool)).Result!["taskId"]!);
        Assert.Distinct(ids);
        using var stream = await ListenAsync(agent, $"{{\"taskIds\":[{Quote(ids[0])},{Quote(ids[1])}]}}");
        await stream.NextAsync();
        await AnnounceAsync(agent, "t-1", "of the second", tool: "two_announce");
        Assert.Equal(ids[1], (string?)(await stream.NextAsync())["params"]!["taskId"]);
        await AnnounceAsync(agent, "t-1", "of the first", tool: "one_announce");
        Assert.Equal(ids[0], (string?)(await stream.NextAsync())["params"]!["taskId"]);
    }

    [Fact]
    public async Task TasksOverHttp_AreHeardOf_AlsoWhenTheServerHadEndedItsStream()
    {
        using var folder = new Support.TempFolder();
        File.WriteAllText(folder["s.json"], Script);
        await using var server = await HttpServer.StartAsync("--modern", "--script", folder["s.json"], "--received", folder["received"]);
        await using var gateway = await TestGateway.StartAsync("mcp_servers:\n" + server.Backend("one"));
        using var agent = new StatelessAgent(gateway, capabilities: Capable);
        await agent.CallAsync("job");
        using var stream = await ListenAsync(agent, """{"taskIds":["t-1"]}""");
        await stream.NextAsync();
        await AnnounceAsync(agent, "t-1", "half done");
        Assert.Equal("half done", (string?)(await stream.NextAsync())["params"]!["result"]!["content"]![0]!["text"]);

        // It may end while nobody listens, and would not say so again: what it stands at is asked for.
        await agent.CallAsync("end_stream");
        var told = await stream.NextAsync();
        Assert.Equal(("notifications/tasks", "found again"), ((string?)told["method"], (string?)told["params"]!["result"]!["content"]![0]!["text"]));
        Assert.Null(told["params"]!["resultType"]);
        Assert.Contains(File.ReadAllLines(folder["received"]), line => line.Contains("tasks/get", StringComparison.Ordinal));
    }
}
