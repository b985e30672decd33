using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Gateway.Stateless;

/// <summary>Tasks of the extension io.modelcontextprotocol/tasks (2026-07-28): fetched by whom they were made for, judged as the result of their tool.</summary>
public sealed class StatelessTaskTests
{
    private const string Capable = """{"extensions":{"io.modelcontextprotocol/tasks":{}}}""";

    private static Task<TestGateway> StartAsync(string text, string more = "") => TestGateway.StartAsync(
        "mcp_servers:\n" + TestGateway.Backend("one", "--modern", "--script", "__FOLDER__/s.json") + more,
        prepare: f => File.WriteAllText(f["s.json"], $$$$"""
            {"tools":[{"name":"job","inputSchema":{"type":"object"},"x-result":{"resultType":"task","taskId":"t-1","status":"working","createdAt":"2026-07-28T10:00:00Z","lastUpdatedAt":"2026-07-28T10:00:00Z","ttlMs":60000}}],
             "answers":{"tasks/get":{"resultType":"complete","taskId":"t-1","status":"completed","result":{"content":[{"type":"text","text":{{{{Quote(text)}}}}}]}},
                        "tasks/update":{"resultType":"complete"},"tasks/cancel":{"resultType":"complete"}}}
            """));

    [Fact]
    public async Task Task_IsFetchedAnsweredAndCancelledByWhomItWasMadeFor()
    {
        await using var gateway = await StartAsync("done at last");
        using var agent = new StatelessAgent(gateway, "alice", Capable);
        using var other = new StatelessAgent(gateway, "mallory", Capable);

        var created = await agent.CallAsync("job");
        Assert.Equal(("task", "t-1"), ((string?)created.Result!["resultType"], (string?)created.Result["taskId"]));
        foreach (var method in new[] { "tasks/get", "tasks/update", "tasks/cancel" })
            Assert.Equal(-32602, (int)(await other.RequestAsync(method, "\"taskId\":\"t-1\"")).Error!["code"]!);
        Assert.Empty(gateway.ReceivedWith("one", "tasks/"));

        Assert.Equal("done at last", (string?)(await agent.RequestAsync("tasks/get", "\"taskId\":\"t-1\"")).Result!["result"]!["content"]![0]!["text"]);
        Assert.NotNull((await agent.RequestAsync("tasks/update", "\"taskId\":\"t-1\",\"inputResponses\":{\"k\":{\"action\":\"accept\"}}")).Result);
        Assert.NotNull((await agent.RequestAsync("tasks/cancel", "\"taskId\":\"t-1\"")).Result);
        Assert.Equal(3, gateway.ReceivedWith("one", "tasks/").Length);
        Assert.All(new[] { "tasks/get", "tasks/update", "tasks/cancel" }, m => Assert.Contains(gateway.Records(m), r => r.Entry is { Agent: "alice", Decision: "allow", Target: "job" }));
    }

    [Fact]
    public async Task Answer_ToATask_WithAnInjection_ReachesNobody()
    {
        await using var gateway = await StartAsync("done");
        using var agent = new StatelessAgent(gateway, capabilities: Capable);
        await agent.CallAsync("job");

        var answer = await agent.RequestAsync("tasks/update", $"\"taskId\":\"t-1\",\"inputResponses\":{{\"k\":{{\"action\":\"accept\",\"content\":{{\"a\":{Quote(Evil)}}}}}}}");

        Assert.StartsWith("blocked by oktsec: ", (string?)answer.Error?["message"] ?? answer.Text);
        Assert.Empty(gateway.ReceivedWith("one", "tasks/update"));
        Assert.True(IsDenied(Assert.Single(gateway.Asked("tasks/update"))));
    }

    [Fact]
    public async Task Result_OfATask_Poisoned_NeverReachesTheAgent()
    {
        await using var gateway = await StartAsync(Evil);
        using var agent = new StatelessAgent(gateway, capabilities: Capable);
        await agent.CallAsync("job");

        var answer = await agent.RequestAsync("tasks/get", "\"taskId\":\"t-1\"");

        Assert.DoesNotContain(Mark, answer.Body);
        Assert.Contains("blocked by oktsec: ", answer.Body);
        Assert.NotEqual(Core.Audit.AuditStatus.Delivered, Assert.Single(gateway.Records("tasks/get")).Outcome!.Status);
    }

    [Fact]
    public async Task Task_OfAToolThatIsHiddenNow_IsUnknown()
    {
        var servers = "mcp_servers:\n" + TestGateway.Backend("one", "--modern", "--script", "__FOLDER__/s.json");
        await using var gateway = await StartAsync("done", "agents: { tester: {} }\n");
        using var agent = new StatelessAgent(gateway, capabilities: Capable);
        await agent.CallAsync("job");

        await gateway.ReloadAsync(servers + "agents: { tester: { denied_tools: [job] } }\n");
        var answer = await agent.RequestAsync("tasks/get", "\"taskId\":\"t-1\"");

        Assert.NotNull(answer.Error);
        Assert.Empty(gateway.ReceivedWith("one", "tasks/get"));
        Assert.Equal("tool_not_allowed", gateway.Records("tasks/get")[0].Entry.Decision);
    }
}
