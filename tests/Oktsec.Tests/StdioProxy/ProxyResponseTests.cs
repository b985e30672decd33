using Oktsec.Core.Audit;

namespace Oktsec.Tests.StdioProxy;

/// <summary>What the server answers: recorded always, changed only with <c>--inspect-responses</c>.</summary>
public sealed class ProxyResponseTests
{
    private const string Observed = "--enforce";
    private const string Inspected = "--enforce --inspect-responses";
    private static readonly string s_secret = "AKIA" + "IOSFODNN7EXAMPL3";

    private static string Row(string text) =>
        $$$"""{"tools":[{"name":"row","description":"A row.","inputSchema":{"type":"object"},"x-result":{"content":[{"type":"text","text":"{{{text}}}"}], "n":1.0e0} }]}""";

    [Fact]
    public async Task Result_Injected_PassesWithoutInspectionAndIsRecorded()
    {
        await using var proxy = ProxyProcess.StartServer(Observed, script: Row(Messages.Evil));
        await proxy.InitializeAsync();
        Assert.EndsWith($"\"text\":\"{Messages.Evil}\"}}], \"n\":1.0e0}}}}", await proxy.AskAsync(Messages.Call("1", "row")));
        await proxy.EndAsync();
        var record = proxy.Records("tools/call").Single();
        Assert.Equal(("allow", AuditStatus.Delivered), (record.Entry.Decision, record.Status));
        Assert.StartsWith("would_block:content_", record.Decision);
        Assert.NotEmpty(record.Outcome!.Findings);
    }

    [Fact]
    public async Task Result_Injected_NeverReachesTheAgentWithInspection()
    {
        await using var proxy = ProxyProcess.StartServer(Inspected, script: Row(Messages.Evil));
        await proxy.InitializeAsync();
        var answer = await proxy.AskAsync(Messages.Call("\"x\"", "row"));
        Assert.Matches("^\\{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"error\":\\{\"code\":-32600,\"message\":\"blocked by oktsec: [A-Z]+-[0-9]+(, [A-Z]+-[0-9]+)*\"\\}\\}$", answer);
        await proxy.EndAsync();
        Assert.Single(proxy.Received(), l => l.Contains("\"row\"", StringComparison.Ordinal));
        Assert.Contains(proxy.Records("tools/call").Single().Status, new[] { AuditStatus.Blocked, AuditStatus.Quarantined });
    }

    [Theory]
    [InlineData(Observed, false)]
    [InlineData(Inspected, true)]
    public async Task Result_WithASecret_IsRedactedOnlyWithInspection(string options, bool isRedacted)
    {
        await using var proxy = ProxyProcess.StartServer(options, script: Row(@"a \u0062 aws_access_key_id=" + s_secret + " c"));
        await proxy.InitializeAsync();
        var answer = await proxy.AskAsync(Messages.Call("1", "row"));
        Assert.Contains(isRedacted ? @"a \u0062 aws_access_key_id=[REDACTED" : @"a \u0062 aws_access_key_id=" + s_secret, answer);
        Assert.EndsWith(" c\"}], \"n\":1.0e0}}", answer);
        await proxy.EndAsync();
        var record = proxy.Records("tools/call").Single();
        Assert.Equal(AuditStatus.Delivered, record.Status);
        Assert.NotEmpty(record.Outcome!.Findings);
        if (isRedacted)
            Assert.Equal("content_redacted", record.Decision);
    }

    [Fact]
    public async Task PoisonedTool_WithInspection_LeavesTheListAndCannotBeCalled()
    {
        await using var proxy = ProxyProcess.StartServer(Inspected, more: "--poisoned");
        await proxy.InitializeAsync();
        var list = await proxy.AskAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""");
        Assert.Contains("\"echo\"", list);
        Assert.DoesNotContain("get_weather", list);
        Assert.Equal(Messages.Error("2", "blocked by oktsec: tool_not_allowed"), await proxy.AskAsync(Messages.Call("2", "get_weather")));
        await proxy.EndAsync();
        Assert.DoesNotContain(proxy.Received(), l => l.Contains("get_weather", StringComparison.Ordinal));
        var record = Assert.Single(proxy.Records("tools/list"), r => r.Entry.Target == "get_weather");
        Assert.Equal((AuditStatus.Blocked, "server"), (record.Status, record.Entry.Direction));
        Assert.Contains(record.Entry.Findings, f => f.RuleId == "IAP-007");
    }

    [Fact]
    public async Task PoisonedTool_WithoutInspection_StaysAndIsRecorded()
    {
        await using var proxy = ProxyProcess.StartServer(Observed, more: "--poisoned");
        await proxy.InitializeAsync();
        Assert.Contains("get_weather", await proxy.AskAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}"""));
        await proxy.EndAsync();
        var record = Assert.Single(proxy.Records("tools/list"), r => r.Entry.Target == "get_weather");
        Assert.Equal(("would_block:content_blocked", AuditStatus.Delivered), (record.Decision, record.Status));
    }

    [Theory]
    [InlineData(Observed, true)]
    [InlineData(Inspected, false)]
    public async Task HiddenTool_IsListedOnlyWithoutInspection(string options, bool isListed)
    {
        await using var proxy = ProxyProcess.StartServer(options, "agents: { tester: { allowed_tools: [echo] } }\n");
        await proxy.InitializeAsync();
        var list = await proxy.AskAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""");
        Assert.Contains("\"echo\"", list);
        Assert.Equal(isListed, list.Contains("\"add\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Observed, true)]
    [InlineData(Inspected, false)]
    public async Task Instructions_Poisoned_AreLeftOutOnlyWithInspection(string options, bool isShown)
    {
        await using var proxy = ProxyProcess.StartServer(options, script: $$"""{"instructions":"{{Messages.Evil}}"}""");
        var answer = await proxy.InitializeAsync();
        Assert.Equal(isShown ? Messages.Evil : "", answer["result"]!["instructions"]!.GetValue<string>());
        Assert.NotNull(answer["result"]!["capabilities"]!["tools"]);
        await proxy.EndAsync();
        Assert.Contains(proxy.Records("initialize"), r => r.Entry.Findings.Count > 0 || r.Outcome?.Findings.Count > 0);
    }

    [Theory]
    [InlineData("babble", "utf8")]
    [InlineData("babble", "duplicate")]
    [InlineData("babble", "batch")]
    [InlineData("wrong_id", "")]
    public async Task Line_ThatIsNoMessage_DoesNotReachTheAgent(string tool, string kind)
    {
        await using var proxy = ProxyProcess.StartServer(Observed);
        await proxy.InitializeAsync();
        Assert.StartsWith("""{"jsonrpc":"2.0","id":1,"result":""", await proxy.AskAsync(Messages.Call("1", tool, $$"""{"kind":"{{kind}}"}""")));
        await proxy.EndAsync();
        Assert.All(proxy.Records().Where(r => r.Entry.Direction == "server"), r => Assert.Equal(("message_malformed", AuditStatus.Rejected), (r.Decision, r.Status)));
        Assert.Contains(proxy.Records(), r => r.Entry.Direction == "server");
    }

    [Theory]
    [InlineData("malformed", "{}", "the same key twice")]
    [InlineData("answer", """{"message":"\uFEFF{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{}}"}""", "begins with a byte order mark")]
    [InlineData("answer", """{"message":"{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{}}{}"}""", "something follows")]
    [InlineData("answer", """{"message":"[{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{}}]"}""", "an array (a batch)")]
    [InlineData("answer", """{"message":"{\"jsonrpc\":\"2.0\",\"id\":ID.0,\"result\":{}}"}""", "neither a string nor an integer")]
    [InlineData("answer", """{"message":"{\"jsonrpc\":\"2.0\",\"result\":{\"a\":'},\"id\":ID}"}""", "not JSON")]
    [InlineData("answer", """{"message":"{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"}""", "nested too deep")]
    [InlineData("long_head", """{"bytes":70000}""", "larger than 65536 bytes (limits.max_result_bytes)")]
    [InlineData("long_tail", """{"bytes":70000}""", "larger than 65536 bytes (limits.max_result_bytes)")]
    public async Task Answer_ThatCannotBeRead_IsAnErrorToItsCall(string tool, string arguments, string why)
    {
        await using var proxy = ProxyProcess.StartServer(Observed, "limits: { max_result_bytes: 65536 }\n");
        await proxy.InitializeAsync();
        var answer = await proxy.AskAsync(Messages.Call("7", tool, arguments));
        Assert.StartsWith("""{"jsonrpc":"2.0","id":7,"error":{"code":-32600,"message":"blocked by oktsec: message_malformed, """, answer);
        Assert.Contains(why, answer);
        await proxy.EndAsync();
        Assert.Equal(("message_malformed", AuditStatus.Rejected), (proxy.Records("tools/call").Single().Decision, proxy.Records("tools/call").Single().Status));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("[]")]
    public async Task Result_ThatIsNoObject_IsWithheldOnlyWithInspection(string result)
    {
        foreach (var options in (string[])[Observed, Inspected])
        {
            await using var proxy = ProxyProcess.StartServer(options);
            await proxy.InitializeAsync();
            var answer = await proxy.AskAsync(Messages.Call("7", "answer", $$"""{"message":"{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{{result}}}"}"""));
            Assert.Equal(options == Inspected
                ? """{"jsonrpc":"2.0","id":7,"error":{"code":-32600,"message":"blocked by oktsec: outcome_unknown"}}"""
                : $$"""{"jsonrpc":"2.0","id":7,"result":{{result}}}""", answer);
            await proxy.EndAsync();
            var record = proxy.Records("tools/call").Single();
            Assert.Equal(options == Inspected ? "outcome_unknown" : "would_block:outcome_unknown", record.Decision);
        }
    }

    [Theory]
    [InlineData(Observed)]
    [InlineData(Inspected)]
    public async Task Answer_WithItsIdInQuotes_IsTheAnswer(string options)
    {
        await using var proxy = ProxyProcess.StartServer(options);
        await proxy.InitializeAsync();
        const string answer = """{"jsonrpc":"2.0","id":"7","result":{"content":[{"type":"text","text":"fine"}]}}""";
        Assert.Equal(answer, await proxy.AskAsync(Messages.Call("7", "answer", $$"""{"message":"{{answer.Replace("\"7\"", "\"ID\"").Replace("\"", "\\\"")}}"}""")));
        await proxy.EndAsync();
        Assert.Equal(("allow", AuditStatus.Delivered), (proxy.Records("tools/call").Single().Decision, proxy.Records("tools/call").Single().Status));
    }

    [Fact]
    public async Task Call_Cancelled_EndsAndItsLateAnswerIsDropped()
    {
        await using var proxy = ProxyProcess.StartServer(Observed);
        await proxy.InitializeAsync();
        await proxy.SendAsync(Messages.Call("\"late\"", "late"));
        await proxy.SendAsync("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"late"}}""");
        Assert.Contains("notifications/message", await proxy.ReadAsync());
        Assert.Contains("\"id\":2", await proxy.AskAsync("""{"jsonrpc":"2.0","id":2,"method":"ping"}"""));
        await proxy.EndAsync();
        Assert.Equal(("outcome_unknown", "cancelled by the agent"), (proxy.Records("tools/call").Single().Decision, proxy.Records("tools/call").Single().Outcome!.Detail));
    }
}
