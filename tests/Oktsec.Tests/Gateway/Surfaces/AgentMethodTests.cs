using System.Net;
using Oktsec.Core.Audit;
using Oktsec.Tests.Peers;
using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Gateway.Surfaces;

/// <summary>Everything the published schemas let an agent send, in each revision with sessions: one clean message and one attack for each.</summary>
public sealed class AgentMethodTests(AgentMethodTests.OneBackend one) : IClassFixture<AgentMethodTests.OneBackend>
{
    /// <summary>Revision and method, from tests/Oktsec.Core.Tests/mcp-methods.txt; one method more that no revision knows.</summary>
    public static TheoryData<string, string> Methods { get; } = Read();

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Method_Clean_IsServed(string revision, string method)
    {
        var (answer, record) = await SendAsync(revision, method, "plain text");
        if (IsNotification(method))
            Assert.Equal((HttpStatusCode.Accepted, ""), (answer.Status, answer.Body));
        else if (method.StartsWith("tasks/", StringComparison.Ordinal) || method == "x/unknown")
            Assert.NotNull(method == "tasks/list" ? answer.Result : answer.Error); // the server's own word on what it does not know
        else
            Assert.True(answer.Result is not null, answer.Body);
        if (method == "ping")
            Assert.Null(record);
        else
            Assert.Equal("allow", record!.Decision);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Method_Injected_ReachesNoBackend(string revision, string method)
    {
        var (answer, record) = await SendAsync(revision, method, Evil);
        if (IsNotification(method))
            Assert.Equal((HttpStatusCode.Accepted, ""), (answer.Status, answer.Body));
        else if (method == "tools/call")
            Assert.StartsWith("blocked by oktsec: ", answer.Text);
        else
            Assert.StartsWith("blocked by oktsec: ", answer.Error!["message"]!.GetValue<string>());
        Assert.True(IsDenied(record!), record?.Decision);
        Assert.Empty(one.Gateway.ReceivedWith("one", Mark));
    }

    /// <summary>Every text that the schema of some revision has for this method, not only metadata; keys too.</summary>
    [Theory]
    [InlineData("2025-06-18", "initialize", """{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":TEXT,"version":"1"}}""")]
    [InlineData("2025-06-18", "initialize", """{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","title":TEXT,"version":"1"}}""")]
    [InlineData("2024-11-05", "initialize", """{"protocolVersion":"2024-11-05","capabilities":{"experimental":{"x":{"note":TEXT}}},"clientInfo":{"name":"t","version":"1"}}""")]
    [InlineData("2025-11-25", "initialize", """{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","description":TEXT,"websiteUrl":"https://example.com","version":"1"}}""")]
    [InlineData("2024-11-05", "tools/call", """{"name":"echo","arguments":{"message":TEXT}}""")]
    [InlineData("2024-11-05", "tools/call", """{"name":"echo","arguments":{"message":"hi",TEXT:1}}""")]
    [InlineData("2025-03-26", "tools/call", """{"name":"echo","arguments":{"message":"hi","deep":[{"er":[TEXT]}]}}""")]
    [InlineData("2025-11-25", "tools/call", """{"name":"echo","arguments":{"message":"hi"},"task":{"ttl":60000,"note":TEXT}}""")]
    [InlineData("2024-11-05", "resources/read", """{"uri":"test://one","note":TEXT}""")]
    [InlineData("2024-11-05", "resources/subscribe", """{"uri":"test://one","note":TEXT}""")]
    [InlineData("2024-11-05", "prompts/get", """{"name":"greet","arguments":{"who":TEXT}}""")]
    [InlineData("2024-11-05", "completion/complete", """{"ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"who","value":TEXT}}""")]
    [InlineData("2025-06-18", "completion/complete", """{"ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"who","value":"a"},"context":{"arguments":{"x":TEXT}}}""")]
    [InlineData("2024-11-05", "logging/setLevel", """{"level":TEXT}""")]
    [InlineData("2024-11-05", "tools/list", """{"cursor":TEXT}""")]
    [InlineData("2024-11-05", "resources/list", """{"cursor":TEXT}""")]
    [InlineData("2024-11-05", "resources/templates/list", """{"cursor":TEXT}""")]
    [InlineData("2024-11-05", "prompts/list", """{"cursor":TEXT}""")]
    [InlineData("2025-11-25", "tasks/list", """{"cursor":TEXT}""")]
    [InlineData("2025-11-25", "tasks/get", """{"taskId":TEXT}""")]
    [InlineData("2025-11-25", "tasks/result", """{"taskId":TEXT}""")]
    [InlineData("2025-11-25", "tasks/cancel", """{"taskId":TEXT}""")]
    [InlineData("2024-11-05", "notifications/cancelled", """{"requestId":"none","reason":TEXT}""")]
    [InlineData("2025-03-26", "notifications/progress", """{"progressToken":"none","progress":1,"message":TEXT}""")]
    [InlineData("2025-11-25", "notifications/tasks/status", """{"taskId":"none","status":"working","statusMessage":TEXT}""")]
    public async Task Text_OfItsOwn_Injected_ReachesNoBackend(string revision, string method, string parameters)
    {
        var agent = method == "initialize" ? one.Gateway.Agent() : await one.AgentAsync(revision);
        var before = one.Gateway.Asked(method).Length;
        var id = IsNotification(method) ? "" : "\"id\":7,";
        var answer = await agent.SendAsync($"{{\"jsonrpc\":\"2.0\",{id}\"method\":\"{method}\",\"params\":{parameters.Replace("TEXT", Quote(Evil), StringComparison.Ordinal)}}}");
        if (!IsNotification(method))
            Assert.StartsWith("blocked by oktsec: ", method == "tools/call" ? answer.Text : (string?)answer.Error!["message"]);
        await (await one.AgentAsync(revision)).CallAsync("cwd");
        Assert.True(IsDenied(one.Gateway.Asked(method)[^(before + 1)]));
        Assert.Empty(one.Gateway.ReceivedWith("one", Mark));
    }

    /// <summary>Sends it with a text among its metadata; gives the answer and the record it left.</summary>
    private async Task<(Answer Answer, AuditEntry? Record)> SendAsync(string revision, string method, string text)
    {
        var agent = await one.AgentAsync(revision);
        if (method == "initialize")
            agent = one.Gateway.Agent();
        var before = one.Gateway.Asked(method).Length;
        var id = IsNotification(method) ? "" : "\"id\":7,";
        var answer = await agent.SendAsync(
            $$"""{"jsonrpc":"2.0",{{id}}"method":"{{method}}","params":{ {{Members(revision, method)}}"_meta":{"note":{{Quote(text)}} } } }""");
        // Whatever it set going towards the backend came before this call.
        await (await one.AgentAsync(revision)).CallAsync("cwd");
        var records = one.Gateway.Asked(method);
        return (answer, records.Length > before ? records[^(before + 1)] : null);
    }

    private static bool IsNotification(string method) => method.StartsWith("notifications/", StringComparison.Ordinal);

    private static string Members(string revision, string method) => method switch
    {
        "initialize" => $$"""  "protocolVersion":"{{revision}}","capabilities":{},"clientInfo":{"name":"test","version":"1"},""",
        "tools/call" => """  "name":"echo","arguments":{"message":"hi"},""",
        "resources/read" or "resources/subscribe" or "resources/unsubscribe" => """  "uri":"test://one",""",
        "prompts/get" => """  "name":"greet",""",
        "completion/complete" => """  "ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"who","value":"a"},""",
        "logging/setLevel" => """  "level":"info",""",
        "tasks/get" or "tasks/result" or "tasks/cancel" => """  "taskId":"none",""",
        "notifications/cancelled" => """  "requestId":"none",""",
        "notifications/progress" => """  "progressToken":"none","progress":1,""",
        "notifications/tasks/status" => """  "taskId":"none","status":"working",""",
        _ => "",
    };

    private static TheoryData<string, string> Read()
    {
        var data = new TheoryData<string, string>();
        foreach (var line in File.ReadLines(Path.Join(PeerPaths.Root, "tests/Oktsec.Core.Tests/mcp-methods.txt")))
        {
            if (line.Split(' ') is [var revision, "agent", var method] && revision != "2026-07-28")
                data.Add(revision, method);
        }
        data.Add("2025-11-25", "x/unknown");
        data.Add("2025-11-25", "notifications/x");
        return data;
    }

    /// <summary>One gateway before one backend, and one session of each revision.</summary>
    public sealed class OneBackend : IAsyncLifetime
    {
        private readonly Dictionary<string, TestAgent> _agents = [];
        private TestGateway? _gateway;

        internal TestGateway Gateway => _gateway!;

        public async ValueTask InitializeAsync() => _gateway = await StartAsync(["{}"]);

        internal async Task<TestAgent> AgentAsync(string revision)
        {
            if (_agents.TryGetValue(revision, out var agent))
                return agent;
            agent = _agents[revision] = Gateway.Agent();
            var opened = await agent.InitializeAsync(version: revision);
            Assert.Equal(revision, opened.Result!["protocolVersion"]!.GetValue<string>());
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
