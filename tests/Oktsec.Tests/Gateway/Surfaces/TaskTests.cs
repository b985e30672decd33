using System.Text.Json.Nodes;
using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Gateway.Surfaces;

/// <summary>Tasks of 2025-11-25: fetched from the backend that issued them, judged like the results they are.</summary>
public sealed class TaskTests
{
    private const string Offered = """ ,"capabilities":{"tools":{},"tasks":{"list":{},"cancel":{},"requests":{"tools":{"call":{} } } } }""";

    private static string Server(string tool, string text, string more = "") =>
        Tool(tool, $$"""  "x-result":{"content":[{"type":"text","text":{{Quote(text)}}}],"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"task-1"} } } """, Offered + more);

    private static async Task<TestAgent> OpenAsync(TestGateway gateway)
    {
        var agent = gateway.Agent();
        await agent.InitializeAsync(version: "2025-11-25");
        agent.Headers["MCP-Protocol-Version"] = "2025-11-25";
        return agent;
    }

    private static async Task<string> CreateAsync(TestAgent agent, string tool) =>
        (await agent.RequestAsync("tools/call", $$"""{"name":"{{tool}}","arguments":{},"task":{"ttl":60000} }""")).Result!["task"]!["taskId"]!.GetValue<string>();

    private static string Id(string id) => $$"""{"taskId":{{Quote(id)}}}""";

    [Fact]
    public async Task Tasks_OfTwoBackendsWithTheSameId_AreToldApart()
    {
        await using var gateway = await StartAsync([Server("first", "from one"), Server("second", "from two")]);
        using var agent = gateway.Agent();
        var opened = await agent.InitializeAsync(version: "2025-11-25");
        Assert.Equal("""{"list":{},"cancel":{},"requests":{"tools":{"call":{}}}}""", opened.Result!["capabilities"]!["tasks"]!.ToJsonString());
        agent.Headers["MCP-Protocol-Version"] = "2025-11-25";
        await agent.ListAsync();
        var (first, second) = (await CreateAsync(agent, "first"), await CreateAsync(agent, "second"));
        Assert.Equal(("task-1", "two_task-1"), (first, second));
        Assert.Equal([first, second], (await agent.ListAsync("tasks/list", "tasks", "taskId")).Order(StringComparer.Ordinal));

        var got = await agent.RequestAsync("tasks/get", Id(second));
        Assert.Equal(second, got.Result!["taskId"]!.GetValue<string>());
        Assert.Contains("\"taskId\":\"task-1\"", Assert.Single(gateway.ReceivedWith("two", "tasks/get")));
        Assert.Empty(gateway.ReceivedWith("one", "tasks/get"));

        var result = await agent.RequestAsync("tasks/result", Id(second));
        Assert.Equal("from two", result.Text);
        Assert.Equal(second, result.Result!["_meta"]!["io.modelcontextprotocol/related-task"]!["taskId"]!.GetValue<string>());
        Assert.Equal("from one", (await agent.RequestAsync("tasks/result", Id(first))).Text);

        var cancelled = await agent.RequestAsync("tasks/cancel", Id(second));
        Assert.Equal((second, "cancelled"), (cancelled.Result!["taskId"]!.GetValue<string>(), cancelled.Result!["status"]!.GetValue<string>()));
        Assert.Empty(gateway.ReceivedWith("one", "tasks/cancel"));

        Assert.Equal(("two", "second"), (gateway.Asked("tasks/get").Single().Backend, gateway.Asked("tasks/get").Single().Target));
        Assert.All(gateway.Records("tasks/result"), r => Assert.Equal("allow", r.Outcome!.Decision));
        Assert.Equal("allow", gateway.Asked("tasks/list").Single().Decision);
    }

    [Fact]
    public async Task Task_OfNobody_IsUnknownAndReachesNoBackend()
    {
        await using var gateway = await StartAsync([Server("first", "from one"), Server("second", "from two")]);
        using var agent = await OpenAsync(gateway);
        await agent.ListAsync();
        foreach (var method in (string[])["tasks/get", "tasks/result", "tasks/cancel"])
        {
            Assert.Equal(-32602, (await agent.RequestAsync(method, Id("task-7"))).Error!["code"]!.GetValue<int>());
            Assert.Equal(-32602, (await agent.RequestAsync(method, "{}")).Error!["code"]!.GetValue<int>());
            Assert.Equal(2, gateway.Asked(method).Length);
        }
        Assert.Empty(gateway.ReceivedWith("one", "\"tasks/"));
        Assert.Empty(gateway.ReceivedWith("two", "\"tasks/"));
    }

    [Theory]
    [InlineData("tasks/get")]
    [InlineData("tasks/result")]
    [InlineData("tasks/list")]
    [InlineData("tasks/cancel")]
    public async Task Request_WithAnInjection_ReachesNoBackend(string method)
    {
        await using var gateway = await StartAsync([Server("first", "from one"), Server("second", "from two")]);
        using var agent = await OpenAsync(gateway);
        await agent.ListAsync();
        await CreateAsync(agent, "first");
        var answer = await agent.RequestAsync(method, $$"""{"taskId":"task-1","_meta":{"note":{{Quote(Evil)}} } }""");
        Assert.StartsWith("blocked by oktsec: PI-", answer.Error!["message"]!.GetValue<string>());
        Assert.True(IsDenied(gateway.Asked(method).Single()));
        Assert.Empty(gateway.ReceivedWith("one", method));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Result_Poisoned_NeverReachesTheAgent(bool isAlone)
    {
        string[] scripts = [Server("first", Evil), Server("second", "from two")];
        await using var gateway = await StartAsync(isAlone ? scripts[..1] : scripts);
        using var agent = await OpenAsync(gateway);
        await agent.ListAsync();
        var answer = await agent.RequestAsync("tasks/result", Id(await CreateAsync(agent, "first")));
        Assert.StartsWith("blocked by oktsec: ", answer.Error!["message"]!.GetValue<string>());
        Assert.DoesNotContain(Mark, answer.Body);
        Assert.Single(gateway.ReceivedWith("one", "tasks/result"));
        Assert.NotEqual("allow", gateway.Records("tasks/result").Single().Outcome!.Decision);
    }

    [Theory]
    [InlineData("tasks/get")]
    [InlineData("tasks/cancel")]
    public async Task Status_Poisoned_NeverReachesTheAgent(string method)
    {
        // The creation says it too: that answer is denied, and the agent goes by the id it can guess.
        await using var gateway = await StartAsync([Server("first", "fine", $""" ,"taskMessage":{Quote(Evil)} """)]);
        using var agent = await OpenAsync(gateway);
        await agent.ListAsync();
        Assert.DoesNotContain(Mark, (await agent.RequestAsync("tools/call", """{"name":"first","arguments":{},"task":{} }""")).Body);
        var answer = await agent.RequestAsync(method, Id("task-1"));
        Assert.DoesNotContain(Mark, answer.Body);
        Assert.StartsWith("blocked by oktsec: ", answer.Error!["message"]!.GetValue<string>());
        Assert.Single(gateway.ReceivedWith("one", method));
        Assert.NotEqual("allow", gateway.Records(method).Single().Outcome!.Decision);
    }

    [Fact]
    public async Task List_PoisonedTask_DisappearsAndTheOthersStay()
    {
        await using var gateway = await StartAsync([Server("first", "fine", $""" ,"taskMessage":{Quote(Evil)} """), Server("second", "from two")]);
        using var agent = await OpenAsync(gateway);
        await agent.ListAsync();
        await agent.RequestAsync("tools/call", """{"name":"first","arguments":{},"task":{} }""");
        var second = await CreateAsync(agent, "second");
        var list = await agent.RequestAsync("tasks/list", "{}");
        Assert.Equal([second], list.Result!["tasks"]!.AsArray().Select(t => t!["taskId"]!.GetValue<string>()));
        Assert.DoesNotContain(Mark, list.Body);
        Assert.True(IsDenied(Assert.Single(gateway.Said("tasks/list"))));
    }

    [Fact]
    public async Task Task_OfAnotherSession_OnASharedBackend_IsUnknown()
    {
        await using var gateway = await StartAsync([Server("first", "secret of alice")], shared: true);
        using var alice = await OpenAsync(gateway);
        await alice.ListAsync();
        var id = await CreateAsync(alice, "first");
        using var mallory = await OpenAsync(gateway);
        await mallory.ListAsync();
        Assert.Empty(await mallory.ListAsync("tasks/list", "tasks", "taskId"));
        foreach (var method in (string[])["tasks/get", "tasks/result", "tasks/cancel"])
            Assert.Equal(-32602, (await mallory.RequestAsync(method, Id(id))).Error!["code"]!.GetValue<int>());
        Assert.Empty(gateway.ReceivedWith("one", "tasks/result"));
        Assert.Equal([id], await alice.ListAsync("tasks/list", "tasks", "taskId"));
        Assert.Equal("secret of alice", (await alice.RequestAsync("tasks/result", Id(id))).Text);
    }

    [Fact]
    public async Task Result_OfAToolThatIsHiddenNow_IsHiddenToo()
    {
        var servers = "mcp_servers:\n" + TestGateway.Backend("one", "--script", "__FOLDER__/one.json");
        await using var gateway = await StartAsync([Server("first", "from one")], "agents: { tester: { } }");
        using var agent = await OpenAsync(gateway);
        await agent.ListAsync();
        var id = await CreateAsync(agent, "first");
        await gateway.ReloadAsync(servers + "\nagents: { tester: { denied_tools: [first] } }\n");
        Assert.Equal(-32602, (await agent.RequestAsync("tasks/result", Id(id))).Error!["code"]!.GetValue<int>());
        Assert.Empty(gateway.ReceivedWith("one", "tasks/result"));
        Assert.Equal("tool_not_allowed", gateway.Asked("tasks/result").Single().Decision);
    }

    [Fact]
    public async Task Status_FromTheServer_NamesTheTaskAsTheAgentKnowsIt()
    {
        var says = """  "x-say":[{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"task-1","status":"working"}}] """;
        await using var gateway = await StartAsync([Server("first", "x"), Tool("second", says, Offered)]);
        using var agent = await OpenAsync(gateway);
        await agent.ListAsync();
        await CreateAsync(agent, "first");
        var id = await CreateAsync(agent, "second");
        var said = (await agent.CallAsync("second")).Interim("notifications/tasks/status");
        Assert.Equal(id, said!["params"]!["taskId"]!.GetValue<string>());
        Assert.Equal("allow", Assert.Single(gateway.Said("notifications/tasks/status")).Decision);
    }

    [Fact]
    public async Task Status_FromTheServerWithAnInjection_NeverReachesTheAgent()
    {
        var says = $$"""  "x-say":[{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"task-1","status":"working","statusMessage":{{Quote(Evil)}} } }] """;
        await using var gateway = await StartAsync([Tool("first", says, Offered)]);
        using var agent = await OpenAsync(gateway);
        await agent.ListAsync();
        Assert.Single((await agent.CallAsync("first")).Messages);
        Assert.True(IsDenied(Assert.Single(gateway.Said("notifications/tasks/status"))));
    }

    [Fact]
    public async Task TaskOfTheAgent_IsForTheBackendItWasCreatedFor()
    {
        var asks = (string method, string more) => $$"""  "x-ask":{"method":"{{method}}","params":{{more}} } """;
        var sampling = """{"messages":[{"role":"user","content":{"type":"text","text":"hi"} }],"maxTokens":5,"task":{} }""";
        var one = $$"""{"tools":[{"name":"sample","inputSchema":{},{{asks("sampling/createMessage", sampling)}} },{"name":"own","inputSchema":{},{{asks("tasks/get", Id("agent-1"))}} }]}""";
        var two = $$"""{"tools":[{"name":"spy","inputSchema":{},{{asks("tasks/result", Id("agent-1"))}} },{"name":"spy_list","inputSchema":{},{{asks("tasks/list", "{}")}} }]}""";
        await using var gateway = await StartAsync([one, two]);
        using var agent = await OpenAsync(gateway);
        await agent.ListAsync();
        await AnswerAsync("sample", "sampling/createMessage", """{"task":{"taskId":"agent-1","status":"working"} }""");
        Assert.Contains("-32602", (await agent.CallAsync("spy")).Text);
        Assert.Contains("-32602", (await agent.CallAsync("spy_list")).Text);
        await AnswerAsync("own", "tasks/get", """{"taskId":"agent-1","status":"working"}""");
        await agent.SendAsync($$"""{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{{Id("agent-1")}} }""");
        await TestGateway.UntilAsync(() => gateway.ReceivedWith("one", "notifications/tasks/status").Length == 1);
        Assert.Empty(gateway.ReceivedWith("two", "notifications/tasks/status"));
        await agent.SendAsync($$"""{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"agent-1","statusMessage":{{Quote(Evil)}} } }""");
        await agent.CallAsync("spy"); // whatever was forwarded is there by now
        Assert.Single(gateway.ReceivedWith("one", "notifications/tasks/status"));
        Assert.True(IsDenied(gateway.Asked("notifications/tasks/status")[0]));

        async Task AnswerAsync(string tool, string method, string result)
        {
            using var response = await agent.PostAsync($$$"""{"jsonrpc":"2.0","id":"{{{tool}}}","method":"tools/call","params":{"name":"{{{tool}}}","arguments":{} } }""");
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            var asked = await NextAsync(reader);
            Assert.Equal(method, asked["method"]!.GetValue<string>());
            await agent.SendAsync($$"""{"jsonrpc":"2.0","id":{{asked["id"]!.ToJsonString()}},"result":{{result}} }""");
            Assert.Contains("agent-1", (await NextAsync(reader)).ToJsonString());
        }
    }
}
