using System.Text.Json.Nodes;

namespace Oktsec.Tests.Gateway.Healing;

/// <summary>One slow reader, one flooding backend or one huge result slows nobody else; progress and log messages are left out first, answers never.</summary>
public sealed class SlowReaderTests
{
    // 40 MB: whatever the sockets on both sides hold is far less.
    private const int Count = 20_000;
    private const string Flood = """{"count":20000,"bytes":2000}""";

    private const string Cap = "limits: { max_result_bytes: 65536 }";

    public static TheoryData<BackendKind, bool> Everybody => Patient.Everybody;

    [Theory]
    [InlineData(BackendKind.Stdio, false)]
    [InlineData(BackendKind.Stdio, true)]
    [InlineData(BackendKind.Http, false)]
    [InlineData(BackendKind.ModernHttp, true)]
    public async Task CallStream_NobodyReads_HoldsUpNobodyAndStillGetsItsAnswer(BackendKind kind, bool isStateless)
    {
        await using var patient = await Patient.StartAsync(kind);
        using var agent = await patient.AgentAsync(isStateless);
        await agent.ListAsync();
        using var slow = await CallAsync(patient.Gateway, agent, "flood", Flood);

        // The flood is over at the backend, and its answer is there. The agent has read nothing of it.
        await TestGateway.UntilAsync(() => patient.Calls("flood").Length == 1 && patient.Gateway.Host.Parts.Sessions.All.Single().Calls.IsEmpty);
        Assert.Equal("same agent", (await agent.EchoAsync("same agent")).Text);
        using var other = new Visitor(await patient.Gateway.ConnectAsync("other"));
        Assert.Equal("another", (await other.EchoAsync("another")).Text);

        var (answer, before) = await slow.ReadUntilAsync(m => m["id"] is not null);
        Assert.Equal("flooded", (string?)answer["result"]!["content"]![0]!["text"]);
        Assert.InRange(before, 1, Count - 1);
    }

    [Theory]
    [InlineData(BackendKind.Stdio)]
    [InlineData(BackendKind.Http)]
    public async Task GetStream_NobodyReads_IsBoundedAndHearsOfChangesAfterwards(BackendKind kind)
    {
        await using var patient = await Patient.StartAsync(kind);
        using var agent = await patient.AgentAsync(isStateless: false);
        await agent.ListAsync();
        using var slow = await SlowReader.SendAsync(patient.Gateway, "GET", "", ("Mcp-Session-Id", agent.SessionId!), ("MCP-Protocol-Version", "2025-11-25"));
        var session = patient.Gateway.Host.Parts.Sessions.All.Single();
        await TestGateway.UntilAsync(() => session.IsListening);

        Assert.Equal("about to flood", (await agent.CallAsync("flood", """{"count":20000,"bytes":2000,"after":true}""")).Text);
        await TestGateway.UntilAsync(() => session.Events.Dropped > 0);

        for (var i = 0; i < 20; i++)
            Assert.Equal($"{i}", (await agent.EchoAsync($"{i}")).Text);
        Assert.InRange(session.Events.Bytes, 0, 1024 * 1024);
        await agent.CallAsync("change_tools", """{"definition":{"name":"added","description":"New.","inputSchema":{"type":"object"}}}""");
        await slow.ReadUntilAsync(m => (string?)m["method"] == "notifications/tools/list_changed");
    }

    [Theory]
    [InlineData(BackendKind.Stdio)]
    [InlineData(BackendKind.ModernHttp)]
    public async Task ListenStream_NobodyReads_IsBoundedAndHearsOfChangesAfterwards(BackendKind kind)
    {
        await using var patient = await Patient.StartAsync(kind);
        using var agent = await patient.AgentAsync(isStateless: true);
        await agent.ListAsync();
        using var stateless = new Stateless.StatelessAgent(patient.Gateway);
        using var slow = await SlowReader.SendAsync(patient.Gateway, "POST",
            stateless.Body("subscriptions/listen", """ "notifications":{"toolsListChanged":true,"resourceSubscriptions":["test://one"]} """),
            ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "subscriptions/listen"));
        var session = patient.Gateway.Host.Parts.Sessions.All.Single();
        await TestGateway.UntilAsync(() => session.IsListening);

        Assert.Equal("flooded", (await agent.CallAsync("flood", """{"count":20000,"uri":"test://one"}""")).Text);

        Assert.Equal("same agent", (await agent.EchoAsync("same agent")).Text);
        Assert.All(session.Listeners.All, l => Assert.InRange(l.Events.Bytes, 0, 1024 * 1024));
        await agent.CallAsync("change_tools", """{"definition":{"name":"added","description":"New.","inputSchema":{"type":"object"}}}""");
        var (_, before) = await slow.ReadUntilAsync(m => (string?)m["method"] == "notifications/tools/list_changed");
        Assert.InRange(before, 2, Count);
    }

    [Theory, MemberData(nameof(Everybody))]
    public async Task EndlessFlood_LeavesOtherAgentsAlone(BackendKind kind, bool isStateless)
    {
        await using var patient = await Patient.StartAsync(kind);
        using var flooded = await patient.AgentAsync(isStateless);
        await flooded.ListAsync();
        using var stream = await CallAsync(patient.Gateway, flooded, "flood", "{}");
        await TestGateway.UntilAsync(() => patient.Calls("flood").Length == 1);

        using var other = new Visitor(await patient.Gateway.ConnectAsync("other"));
        for (var i = 0; i < 20; i++)
            Assert.Equal($"{i}", (await other.EchoAsync($"{i}")).Text);

        Assert.Equal("released", (await flooded.CallAsync("release", """{"name":"flood"}""")).Text);
        var (answer, _) = await stream.ReadUntilAsync(m => m["id"] is not null);
        Assert.Equal("flooded", (string?)answer["result"]!["content"]![0]!["text"]);
    }

    [Theory, MemberData(nameof(Everybody))]
    public async Task Result_AtTheCapArrivesAndAboveItIsAnErrorThatSaysSo(BackendKind kind, bool isStateless)
    {
        await using var patient = await Patient.StartAsync(kind, more: Cap, script: """{"tools":[{"name":"large","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true},"x-result":{"content":[{"type":"text","text":"LARGE"}]} }]}"""
            .Replace("LARGE", new string('l', 100_000), StringComparison.Ordinal));
        using var agent = await patient.AgentAsync(isStateless);
        await agent.ListAsync();
        // What stands around the text in the server's message: "result", "content" and the id.
        Assert.Equal(65_000, (await agent.CallAsync("big_result", """{"bytes":65000}""")).Text.Length);

        foreach (var (tool, arguments) in ((string, string)[])[("big_result", """{"bytes":65537}"""), ("big_result", """{"bytes":3000000}"""), ("large", "{}")])
        {
            var answer = await agent.CallAsync(tool, arguments);
            Assert.True(answer.IsToolError);
            Assert.StartsWith("blocked by oktsec: outcome_unknown", answer.Text);
            Assert.Contains("65536 bytes (limits.max_result_bytes)", answer.Text);
            Assert.Equal("outcome_unknown", patient.Gateway.Records("tools/call")[0].Outcome!.Decision);
            Assert.Equal("on", (await agent.EchoAsync("on")).Text);
        }
        Assert.Equal((3, 1), (patient.Calls("big_result").Length, patient.Calls("large").Length)); // not asked for once more, read only as it is
    }

    [Fact]
    public async Task HugeResult_ToOneWhoDoesNotRead_HoldsUpNobody()
    {
        await using var patient = await Patient.StartAsync(BackendKind.Stdio);
        using var agent = await patient.AgentAsync(isStateless: false);
        await agent.ListAsync();
        using var slow = await CallAsync(patient.Gateway, agent, "big_result", """{"bytes":30000000}""");
        using var other = new Visitor(await patient.Gateway.ConnectAsync("other"));
        for (var i = 0; i < 20; i++)
            Assert.Equal($"{i}", (await other.EchoAsync($"{i}")).Text);
        await TestGateway.UntilAsync(() => patient.Gateway.Records("tools/call").Any(r => r.Entry.Target == "big_result" && r.Outcome is not null));
        Assert.Equal("same agent", (await agent.EchoAsync("same agent")).Text);
    }

    // Asks for log messages as each era does, and reads nothing.
    private static async Task<SlowReader> CallAsync(TestGateway gateway, Visitor agent, string tool, string arguments)
    {
        var parameters = $"\"name\":\"{tool}\",\"arguments\":{arguments}";
        if (agent.SessionId is { } session)
        {
            return await SlowReader.SendAsync(gateway, "POST", $$$"""{"jsonrpc":"2.0","id":"slow","method":"tools/call","params":{{{{parameters}}}}}""",
                ("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25"));
        }
        using var stateless = new Stateless.StatelessAgent(gateway);
        return await SlowReader.SendAsync(gateway, "POST", stateless.Body("tools/call", parameters, ",\"io.modelcontextprotocol/logLevel\":\"debug\""),
            ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", tool));
    }
}
