using System.Net;
using System.Text.Json.Nodes;
using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Gateway.Stateless;

/// <summary>Questions of a backend with sessions, put to an agent without: a result that asks, and a request that answers.</summary>
public sealed class InputRequiredTests
{
    private const string All = """{"sampling":{"tools":{}},"elicitation":{"form":{},"url":{}},"roots":{}}""";

    private static string Asks(string method, string parameters) => $$"""  "x-ask":{"method":"{{method}}","params":{{parameters}} } """;

    [Theory]
    [InlineData("elicitation/create", """{"message":"Which  colour?","requestedSchema":{"type":"object","properties":{}},"n":1.0}""")]
    [InlineData("elicitation/create", """{"mode":"url","message":"Sign in","url":"https://example.com/in","elicitationId":"e-1"}""")]
    [InlineData("sampling/createMessage", """{"messages":[],"maxTokens":5}""")]
    [InlineData("roots/list", "{}")]
    public async Task Question_IsAResultAndItsAnswerComesWithTheNextRequest(string method, string parameters)
    {
        await using var gateway = await StartAsync([Tool("ask", Asks(method, parameters))]);
        using var agent = new StatelessAgent(gateway, capabilities: All);

        var asked = await agent.CallAsync("ask", """{"a":"\u0062"}""");

        Assert.Equal((HttpStatusCode.OK, "input_required"), (asked.Status, (string?)asked.Result!["resultType"]));
        Assert.Single(asked.Messages);
        Assert.Null(asked.Result["ttlMs"]);
        var (key, request) = Assert.Single(asked.Result["inputRequests"]!.AsObject());
        Assert.Equal($$"""{"method":"{{method}}","params":{{parameters}}}""", request!.ToJsonString(Relaxed));
        Assert.Equal(("one", "allow", "server"), (gateway.Said(method).Single().Backend, gateway.Said(method).Single().Decision, gateway.Said(method).Single().Direction));
        Assert.StartsWith("input_required", gateway.Records("tools/call").Single().Outcome!.Detail);

        // The same arguments in other words; the answer as it is spelled.
        var done = await agent.CallAsync("ask", """{ "a" : "b" }""", more: Answering(asked, key, """{"answer" : "bl\u0075e"}"""));

        Assert.Equal("complete", (string?)done.Result!["resultType"]);
        Assert.Equal("""{"jsonrpc":"2.0","id":"ask-1","result":{"answer" : "bl\u0075e"}}""", done.Text);
        Assert.Single(gateway.CallsReceived("one"));
        Assert.DoesNotContain("requestState", string.Concat(gateway.Received("one")));
        Assert.Equal(("one", "allow"), (gateway.Asked(method).Single().Backend, gateway.Asked(method).Single().Decision));
        Assert.Equal(2, gateway.Records("tools/call").Count);
        Assert.All(gateway.Records("tools/call"), r => Assert.Equal("allow", r.Outcome!.Decision));
        Assert.Empty(gateway.Host.Parts.Sessions.All.Single().Calls);
    }

    [Fact]
    public async Task Question_WithAnInjection_IsRefusedToTheServerAndTheAgentSeesNothing()
    {
        await using var gateway = await StartAsync([Tool("ask", Asks("elicitation/create", $$"""{"message":{{Quote(Evil)}} }"""))]);
        using var agent = new StatelessAgent(gateway, capabilities: All);
        var answer = await agent.CallAsync("ask");
        Assert.Equal("complete", (string?)answer.Result!["resultType"]);
        Assert.Contains("-32600", answer.Text); // what the server heard
        Assert.DoesNotContain(Mark, answer.Body);
        Assert.True(IsDenied(Assert.Single(gateway.Said("elicitation/create"))));
    }

    [Fact]
    public async Task Answer_WithAnInjection_IsRefusedToTheServerAndEndsTheCall()
    {
        await using var gateway = await StartAsync([Tool("ask", Asks("sampling/createMessage", """{"messages":[],"maxTokens":5}"""))]);
        using var agent = new StatelessAgent(gateway, capabilities: All);
        var asked = await agent.CallAsync("ask");
        var answering = Answering(asked, "q1", $$"""{"content":{"type":"text","text":{{Quote(Evil)}} } }""");
        var answer = await agent.CallAsync("ask", more: answering);
        Assert.StartsWith("blocked by oktsec: ", answer.Text);
        await TestGateway.UntilAsync(() => gateway.ReceivedWith("one", "ask-1").Length == 1);
        Assert.Contains("-32600", gateway.ReceivedWith("one", "ask-1")[0]);
        Assert.Empty(gateway.ReceivedWith("one", Mark));
        Assert.True(IsDenied(gateway.Asked("tools/call")[0]));
        await TestGateway.UntilAsync(() => gateway.ReceivedWith("one", "notifications/cancelled").Length == 1);
        Assert.Equal(-32602, (int)(await agent.CallAsync("ask", more: Answering(asked, "q1", "{}"))).Error!["code"]!);
    }

    [Theory]
    [InlineData("sampling/createMessage", "{}", """{"sampling":{}}""", """{"elicitation":{},"roots":{}}""")]
    [InlineData("sampling/createMessage", """{"tools":[]}""", """{"sampling":{"tools":{}}}""", """{"sampling":{}}""")]
    [InlineData("elicitation/create", """{"mode":"url"}""", """{"elicitation":{"url":{}}}""", """{"elicitation":{}}""")]
    [InlineData("elicitation/create", "{}", """{"elicitation":{"form":{}}}""", """{"elicitation":{"url":{}}}""")]
    [InlineData("roots/list", "{}", """{"roots":{}}""", "{}")]
    public async Task Question_ForWhatTheAgentDidNotDeclare_IsTheErrorThatSaysSo(string method, string parameters, string needed, string declared)
    {
        await using var gateway = await StartAsync([Tool("ask", Asks(method, parameters))]);
        using var agent = new StatelessAgent(gateway, capabilities: declared);
        await agent.ListAsync();
        var answer = await agent.CallAsync("ask");
        Assert.Equal((HttpStatusCode.BadRequest, -32021), (answer.Status, (int)answer.Error!["code"]!));
        Assert.Equal($$"""{"requiredCapabilities":{{needed}}}""", answer.Error["data"]!.ToJsonString());
        await TestGateway.UntilAsync(() => gateway.ReceivedWith("one", "ask-1").Length == 1);
        Assert.Contains("-32601", gateway.ReceivedWith("one", "ask-1")[0]);
        Assert.Empty(gateway.Host.Parts.Sessions.All.Single().Calls);
    }

    [Fact]
    public async Task Question_OfAnUnknownKind_IsUnknownToTheServer()
    {
        await using var gateway = await StartAsync(["{}"]);
        using var agent = new StatelessAgent(gateway, capabilities: All);
        var answer = await agent.CallAsync("ask_unknown");
        Assert.Equal("complete", (string?)answer.Result!["resultType"]);
        Assert.Contains("-32601", answer.Text);
    }

    [Fact]
    public async Task State_OfAnotherPrincipalRequestOrHand_IsRejectedAndKeepsWaiting()
    {
        await using var gateway = await StartAsync(["{}"]);
        using var agent = new StatelessAgent(gateway, "alice", All);
        using var thief = new StatelessAgent(gateway, "mallory", All);
        var asked = await agent.CallAsync("ask_elicitation", """{"message":"a"}""");
        var answering = Answering(asked, "q1", """{"action":"accept"}""");
        var state = (string)asked.Result!["requestState"]!;

        await RejectedAsync(thief.CallAsync("ask_elicitation", """{"message":"a"}""", more: answering));
        await RejectedAsync(agent.CallAsync("ask_elicitation", """{"message":"b"}""", more: answering));
        await RejectedAsync(agent.CallAsync("ask_elicitation", "{}", more: answering));
        await RejectedAsync(agent.CallAsync("ask_roots", """{"message":"a"}""", more: answering));
        foreach (var forged in new[] { state + "-TAMPERED", state[..^1], (state[0] == 'A' ? "B" : "A") + state[1..], "", "x" })
            await RejectedAsync(agent.CallAsync("ask_elicitation", """{"message":"a"}""", more: answering.Replace(state, forged, StringComparison.Ordinal)));
        await RejectedAsync(agent.CallAsync("ask_elicitation", """{"message":"a"}""", more: ",\"inputResponses\":{},\"requestState\":7"));
        await RejectedAsync(agent.CallAsync("ask_elicitation", """{"message":"a"}""", more: $",\"inputResponses\":7,\"requestState\":\"{state}\""));
        await RejectedAsync(agent.CallAsync("ask_elicitation", """{"message":"a"}""", more: $",\"inputResponses\":{{\"q1\":7}},\"requestState\":\"{state}\""));
        Assert.Empty(gateway.ReceivedWith("one", "ask-1"));

        Assert.Contains("accept", (await agent.CallAsync("ask_elicitation", """{"message":"a"}""", more: answering)).Text);
        await RejectedAsync(agent.CallAsync("ask_elicitation", """{"message":"a"}""", more: answering)); // once
        Assert.Single(gateway.CallsReceived("one"));

        async Task RejectedAsync(Task<Answer> call)
        {
            var answer = await call;
            Assert.Equal(-32602, (int)answer.Error!["code"]!);
            Assert.Equal("message_malformed", gateway.Records("tools/call")[0].Entry.Decision);
        }
    }

    [Theory]
    [InlineData("elicitation/create", """{"message":"MESSAGE","requestedSchema":{"type":"object","properties":{}}}""", true)]
    [InlineData("elicitation/create", """{"mode":"url","message":"MESSAGE","url":"https://example.com/in","elicitationId":"e-1"}""", false)]
    [InlineData("sampling/createMessage", """{"messages":[{"role":"user","content":{"type":"text","text":"MESSAGE"}}],"maxTokens":5}""", false)]
    public async Task Question_OfABackendWithoutSessions_IsJudgedAndRecordedAsOne(string method, string parameters, bool scansResponses)
    {
        var tools = new[] { ("ask", "Which colour?"), ("evil", Evil) }.Select(t =>
            $$"""{"name":"{{t.Item1}}","inputSchema":{"type":"object"},{{Asks(method, parameters.Replace("MESSAGE", t.Item2, StringComparison.Ordinal))}}}""");
        await using var gateway = await TestGateway.StartAsync(
            $"mcp_servers:\n{TestGateway.Backend("one", "--modern", "--script", "__FOLDER__/s.json")}\ngateway: {{ scan_responses: {(scansResponses ? "true" : "false")} }}\n",
            prepare: f => File.WriteAllText(f["s.json"], $$"""{"tools":[{{string.Join(',', tools)}}]}"""));
        using var agent = new StatelessAgent(gateway, capabilities: All);

        var asked = await agent.CallAsync("ask");
        var done = await agent.CallAsync("ask", more: Answering(asked, "ask", """{"action":"accept","answer":"blue"}"""));
        var evil = await agent.CallAsync("evil");

        Assert.Equal("input_required", (string?)asked.Result!["resultType"]);
        Assert.Contains("blue", done.Text);
        Assert.StartsWith("blocked by oktsec: ", evil.Text);
        Assert.DoesNotContain(Mark, evil.Body);
        var records = gateway.Said(method);
        Assert.Equal(["one", "one"], records.Select(r => r.Backend));
        Assert.Equal([true, false], records.Select(IsDenied));
        Assert.Equal(3, gateway.CallsReceived("one").Length);
    }

    [Fact]
    public async Task Answer_ThatIsMissing_IsAskedForAgain()
    {
        await using var gateway = await StartAsync(["{}"]);
        using var agent = new StatelessAgent(gateway, capabilities: All);
        var asked = await agent.CallAsync("ask_elicitation");
        var again = await agent.CallAsync("ask_elicitation", more: Answering(asked, "wrong_key", """{"action":"accept"}"""));
        Assert.Equal("input_required", (string?)again.Result!["resultType"]);
        Assert.Equal(asked.Result!["inputRequests"]!.ToJsonString(), again.Result["inputRequests"]!.ToJsonString());
        Assert.NotEqual((string?)asked.Result["requestState"], (string?)again.Result["requestState"]);
        var extra = Answering(again, "q1", """{"action":"accept"},"unknown":{"action":"accept"},"odd":7""");
        Assert.Contains("accept", (await agent.CallAsync("ask_elicitation", more: extra)).Text);
        Assert.Single(gateway.CallsReceived("one"));
    }

    [Fact]
    public async Task Rounds_AreAtMostTen()
    {
        await using var gateway = await StartAsync(["{}"]);
        using var agent = new StatelessAgent(gateway, capabilities: All);
        var asked = await agent.CallAsync("ask_elicitation");
        for (var round = 2; round <= 10; round++)
            asked = await agent.CallAsync("ask_elicitation", more: Answering(asked, "no", "{}"));
        Assert.Equal("input_required", (string?)asked.Result!["resultType"]);
        var over = await agent.CallAsync("ask_elicitation", more: Answering(asked, "no", "{}"));
        Assert.Equal("complete", (string?)over.Result!["resultType"]);
        Assert.Contains("-32000", over.Text); // what the server heard
    }

    [Fact]
    public async Task Error_ThatWantsAPageVisited_IsAQuestionAndTheCallIsMadeAnew()
    {
        const string wanted = """ "x-error":{"code":-32042,"message":"visit","data":{"elicitations":[{"mode":"url","elicitationId":"e","url":"https://example.com/in","message":"Sign in"}]}} """;
        await using var gateway = await StartAsync([Tool("visit", wanted)]);
        using var agent = new StatelessAgent(gateway, capabilities: All);
        var asked = await agent.CallAsync("visit");
        Assert.Equal("input_required", (string?)asked.Result!["resultType"]);
        Assert.Equal("""{"method":"elicitation/create","params":{"mode":"url","elicitationId":"e","url":"https://example.com/in","message":"Sign in"}}""", asked.Result["inputRequests"]!["q1"]!.ToJsonString());
        var again = await agent.CallAsync("visit", more: Answering(asked, "q1", """{"action":"accept"}"""));
        Assert.Equal("input_required", (string?)again.Result!["resultType"]);
        Assert.Equal(2, gateway.CallsReceived("one").Length);
        Assert.DoesNotContain("requestState", string.Concat(gateway.Received("one")));
        using var without = new StatelessAgent(gateway, capabilities: """{"elicitation":{}}""");
        var lacking = await without.CallAsync("visit");
        Assert.Equal((HttpStatusCode.BadRequest, -32021), (lacking.Status, (int)lacking.Error!["code"]!));
    }

    [Fact]
    public async Task Rounds_OfEveryKind_CountTogether()
    {
        const string wanted = """ "x-error":{"code":-32042,"message":"visit","data":{"elicitations":[{"mode":"url","elicitationId":"e","url":"https://example.com/in","message":"Sign in"}]}} """;
        await using var gateway = await StartAsync([Tool("both", Asks("roots/list", "{}").TrimEnd() + "," + wanted)]);
        using var agent = new StatelessAgent(gateway, capabilities: All);
        var answer = await agent.CallAsync("both");
        var methods = new List<string>();
        while ((string?)answer.Result?["resultType"] == "input_required")
        {
            var (key, request) = Assert.Single(answer.Result["inputRequests"]!.AsObject());
            methods.Add((string)request!["method"]!);
            answer = await agent.CallAsync("both", more: Answering(answer, key, """{"action":"accept","roots":[]}"""));
        }
        // By turns: a call that waits, and one that is made anew. A backend gets no further by mixing them.
        Assert.Equal(Enumerable.Range(0, 10).Select(i => i % 2 == 0 ? "roots/list" : "elicitation/create"), methods);
        Assert.Equal(-32603, (int)answer.Error!["code"]!);
        Assert.Contains("more than 10 times", (string)answer.Error["message"]!);
    }

    [Fact]
    public async Task Prompt_MayAskToo()
    {
        await using var gateway = await StartAsync(["""{"prompts":[{"name":"p","x-messages":[],"x-ask":{"method":"roots/list"}}]}"""]);
        using var agent = new StatelessAgent(gateway, capabilities: All);
        var asked = await agent.RequestAsync("prompts/get", "\"name\":\"p\"");
        Assert.Equal("input_required", (string?)asked.Result!["resultType"]);
        var done = await agent.RequestAsync("prompts/get", "\"name\":\"p\"" + Answering(asked, "q1", """{"roots":[]}"""));
        Assert.Equal("complete", (string?)done.Result!["resultType"]);
        Assert.Single(gateway.ReceivedWith("one", "prompts/get"));
    }

    [Fact]
    public async Task SharedBackend_CannotAsk()
    {
        await using var gateway = await StartAsync(["{}"], shared: true);
        using var agent = new StatelessAgent(gateway, capabilities: All);
        var answer = await agent.CallAsync("ask_elicitation");
        Assert.Equal("complete", (string?)answer.Result!["resultType"]);
        Assert.Contains("-32601", answer.Text);
    }

    private static System.Text.Json.JsonSerializerOptions Relaxed { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Answering(Answer asked, string key, string answer) =>
        $",\"inputResponses\":{{\"{key}\":{answer}}},\"requestState\":{asked.Result!["requestState"]!.ToJsonString()}";
}
