using System.Text;
using System.Text.Json;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>Calls that need more input, carried to an agent that knows questions as requests (MCP 2026-07-28, Multi Round-Trip Requests).</summary>
public sealed class InputRoundsTests
{
    public static TheoryData<Flavour> Modern { get; } = [.. Enum.GetValues<Flavour>().Where(flavour => flavour.IsModern())];

    [Theory, MemberData(nameof(Modern))]
    public async Task Question_Answered_ComesBackWithTheStateAsItWasSpelled(Flavour flavour)
    {
        using var received = new TemporaryFile();
        await using var test = await TestBackend.ConnectAsync(flavour, ["--received", received.Path]);

        var call = test.TextAsync("ask_elicitation", """{"message":"your name?"}""", origin: "the call");
        var (question, origin) = await test.Listener.NextAsync();
        await AnswerAsync(test, question, """{"action":"accept","content":{"name":"J\u00f6rg","n":1.0}}""");

        Assert.Equal("the call", origin);
        Assert.Contains("\"method\":\"elicitation/create\",\"params\":{\"message\":\"your name?\"", question);
        Assert.Contains("\"result\":{\"action\":\"accept\",\"content\":{\"name\":\"J\\u00f6rg\",\"n\":1.0}}", await call);
        var calls = received.Lines().Where(line => line.Contains("ask_elicitation")).ToArray();
        Assert.Equal(2, calls.Length);
        Assert.Contains("""
            "requestState":"st\u0061te \/ \u00e9 {\"n\":1}"
            """, calls[1]);
        Assert.NotEqual(Id(calls[0]), Id(calls[1]));
    }

    [Fact]
    public async Task Questions_Several_AreAskedAtOnceAndAnsweredByTheirKeys()
    {
        using var received = new TemporaryFile();
        await using var test = await RoundsAsync(received,
            """{"":{"resultType":"input_required","inputRequests":{"a \u0062":{"method":"roots/list"},"c":{"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}}},"requestState":"s"},"s":{"content":[{"type":"text","text":"done"}]}}""");

        var call = test.TextAsync("rounds");
        var (first, _) = await test.Listener.NextAsync();
        var (second, _) = await test.Listener.NextAsync();
        await AnswerAsync(test, second, """{"model":"m"}""");
        await AnswerAsync(test, first, """{"roots":[]}""");

        Assert.Equal("done", await call);
        Assert.Contains("""
            "inputResponses":{"a \u0062":{"roots":[]},"c":{"model":"m"}},"requestState":"s"
            """, received.Lines().Last(line => line.Contains("rounds")));
    }

    [Fact]
    public async Task State_WithoutQuestions_IsSentBackAtOnceAndAloneAndDroppedWhenNotGiven()
    {
        using var received = new TemporaryFile();
        await using var test = await RoundsAsync(received,
            """{"":{"resultType":"input_required","requestState":"s"},"s":{"resultType":"input_required","inputRequests":{"r":{"method":"roots/list"}}}}""");

        var call = test.CallAsync("rounds");
        for (var round = 0; round < 2; round++)
            await AnswerAsync(test, (await test.Listener.NextAsync()).Message, "{}");
        await test.Backend.DisposeAsync();
        await Assert.ThrowsAsync<BackendUnavailableException>(() => call.WaitAsync(Waits.Long));

        var calls = received.Lines().Where(line => line.Contains("\"rounds\"")).Take(4).ToArray();
        Assert.DoesNotContain("inputResponses", calls[1]);
        Assert.Contains("\"requestState\":\"s\"", calls[1]);
        Assert.Contains("\"inputResponses\":{\"r\":{}}", calls[2]);
        Assert.DoesNotContain("requestState", calls[2]);
    }

    [Fact]
    public async Task Rounds_WithoutEnd_EndAfterTen()
    {
        using var received = new TemporaryFile();
        await using var test = await RoundsAsync(received, """{"":{"resultType":"input_required","requestState":"s"},"s":{"resultType":"input_required","requestState":"s"}}""");

        Assert.Equal("backend test asked for more input 10 times, and was not answered again", await test.TextAsync("rounds"));

        Assert.Equal(11, received.Lines().Count(line => line.Contains("\"rounds\"")));
    }

    [Theory]
    [InlineData("sampling/createMessage", "sampling")]
    [InlineData("elicitation/create", "elicitation")]
    [InlineData("roots/list", "roots")]
    public async Task Question_ForWhatTheAgentDoesNotOffer_IsNotAsked(string method, string capability)
    {
        using var received = new TemporaryFile();
        using var script = TemporaryFile.With(Script("""{"":{"resultType":"input_required","inputRequests":{"a":{"method":"METHOD","params":{}}}}}""".Replace("METHOD", method, StringComparison.Ordinal)));
        await using var test = await TestBackend.CreateAsync(Flavour.Modern, ["--script", script.Path, "--received", received.Path]);
        await test.Backend.ConnectAsync("""{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}"""u8.ToArray(), default);

        Assert.Equal($"backend test asks for {capability}, which this agent does not offer", await test.TextAsync("rounds"));

        Assert.Equal(0, test.Listener.MessageCount);
        Assert.Single(received.Lines(), line => line.Contains("\"rounds\""));
    }

    [Theory, MemberData(nameof(Modern))]
    public async Task Question_RefusedByTheAgent_EndsTheCallWithItsError(Flavour flavour)
    {
        using var received = new TemporaryFile();
        await using var test = await TestBackend.ConnectAsync(flavour, ["--received", received.Path]);

        var call = test.CallAsync("ask_sampling");
        var (question, _) = await test.Listener.NextAsync();
        await test.Backend.SendAsync(Encoding.UTF8.GetBytes($$$"""{"jsonrpc":"2.0","id":{{{Id(question)}}},"error":{"code":-1,"message":"the user said no"}}"""), default);

        using var response = await call.WaitAsync(Waits.Long);
        Assert.Equal("""{"code":-1,"message":"the user said no"}""", Encoding.UTF8.GetString(response.Span(response.Error)));
        Assert.Single(received.Lines(), line => line.Contains("ask_sampling"));
    }

    [Theory, MemberData(nameof(Modern))]
    public async Task Call_CancelledWhileAsking_WithdrawsTheQuestion(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);
        using var cancel = new CancellationTokenSource();
        var call = test.CallAsync("ask_roots", cancel: cancel.Token);
        var (question, _) = await test.Listener.NextAsync();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal($$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{{{Id(question)}}}}}""", (await test.Listener.NextAsync()).Message);
    }

    [Fact]
    public async Task Elicitation_OfAUrl_GetsTheIdThatEarlierRevisionsWant()
    {
        using var received = new TemporaryFile();
        await using var test = await RoundsAsync(received,
            """{"":{"resultType":"input_required","inputRequests":{"u":{"method":"elicitation/create","params":{"mode":"url","message":"m","url":"https://example.com"}}}}}""");
        var call = test.CallAsync("rounds");

        var (question, _) = await test.Listener.NextAsync();

        Assert.Contains("\"params\":{\"elicitationId\":\"oktsec-1\",\"mode\":\"url\"", question);
        await test.Backend.DisposeAsync();
        await Assert.ThrowsAsync<BackendUnavailableException>(() => call.WaitAsync(Waits.Long));
    }

    [Theory]
    [InlineData("""{"resultType":"task","taskId":"t"}""", "its result is of a type that exists in 2026-07-28 only")]
    [InlineData("""{"resultType":"t\u0061sk","taskId":"t"}""", "its result is of a type that exists in 2026-07-28 only")]
    [InlineData("""{"resultType":1,"content":[]}""", "its result is of a type that exists in 2026-07-28 only")]
    [InlineData("""{"resultType":"input_required"}""", "it needs input and does not say which")]
    [InlineData("""{"resultType":"input_required","inputRequests":{"a":{"method":"tools/call"}}}""", "of a kind that does not exist")]
    [InlineData("""{"resultType":"input_required","inputRequests":[]}""", "is no object")]
    public async Task Result_ThatMeansNothing_IsNoSuccess(string result, string reason)
    {
        using var received = new TemporaryFile();
        await using var test = await RoundsAsync(received, $$"""{"":{{result}}}""");

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(() => test.CallAsync("rounds").WaitAsync(Waits.Long));

        Assert.True(failure.Sent);
        Assert.Contains(reason, failure.Reason);
    }

    [Fact]
    public async Task Input_OfAnAgentWithoutThisRevision_DoesNotReachTheBackend()
    {
        using var received = new TemporaryFile();
        await using var test = await RoundsAsync(received, "{}");

        using var response = await test.Backend.RequestAsync(TestBackend.Simple("tools/call", """{"name":"rounds","requestState":"forged"}"""), default).WaitAsync(Waits.Long);

        Assert.Contains("belong to 2026-07-28", Encoding.UTF8.GetString(response.Span(response.Error)));
        Assert.DoesNotContain(received.Lines(), line => line.Contains("forged"));
    }

    [Fact]
    public async Task ModernAgent_Input_IsItsOwnAffair()
    {
        using var received = new TemporaryFile();
        await using var test = await RoundsAsync(received, """{"":{"resultType":"input_required","requestState":"s"},"s":{"content":[]}}""");
        var call = TestBackend.Simple("tools/call", """{"name":"rounds"}""") with { IsModern = true };

        using var asked = await test.Backend.RequestAsync(call, default).WaitAsync(Waits.Long);
        var again = TestBackend.Simple("tools/call", """{"name":"rounds","requestState":"s"}""") with { IsModern = true };
        using var done = await test.Backend.RequestAsync(again, default).WaitAsync(Waits.Long);

        Assert.Contains("input_required", Encoding.UTF8.GetString(asked.Bytes.Span));
        Assert.Contains("\"content\":[]", Encoding.UTF8.GetString(done.Bytes.Span));
    }

    [Fact]
    public async Task Extensions_OfAnAgentWithASession_AreToldButForTasks_AndATaskIsNoSuccess()
    {
        using var received = new TemporaryFile();
        using var script = TemporaryFile.With(Script("""{"":{"resultType":"task","taskId":"t","status":"working"}}"""));
        await using var test = await TestBackend.CreateAsync(Flavour.Modern, ["--script", script.Path, "--received", received.Path]);
        await test.Backend.ConnectAsync(
            """{"protocolVersion":"2025-11-25","capabilities":{"extensions":{"io.modelcontextprotocol/tasks":{},"io.modelcontextprotocol/ui":{"mimeTypes":["text/html"]}}},"clientInfo":{"name":"t","version":"1"}}"""u8.ToArray(), default);

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(() => test.CallAsync("rounds").WaitAsync(Waits.Long));

        Assert.True(failure is { Sent: true, WasAnswered: true });
        Assert.Contains("of a type that exists in 2026-07-28 only", failure.Reason);
        Assert.Contains("""
            "io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/ui":{"mimeTypes":["text/html"]}}}
            """, Assert.Single(received.Lines(), line => line.Contains("\"rounds\"")));
        Assert.DoesNotContain(received.Lines(), line => line.Contains("/tasks"));
    }

    [Theory]
    [InlineData("[1.0, \"a\"]", """{"result":[1.0, "a"]}""")]
    [InlineData("null", """{"result":null}""")]
    [InlineData("""{ "a":1.0 }""", """{ "a":1.0 }""")]
    public async Task StructuredContent_OfAnyKind_IsAnObjectToAnAgentWithASession(string given, string shown)
    {
        using var received = new TemporaryFile();
        await using var test = await RoundsAsync(received, """{"":{"resultType":"complete","content":[],"structuredContent":GIVEN,"x":1}}""".Replace("GIVEN", given, StringComparison.Ordinal));
        var call = TestBackend.Simple("tools/call", """{"name":"rounds"}""");

        using var seen = await test.Backend.RequestAsync(call, default).WaitAsync(Waits.Long);
        using var modern = await test.Backend.RequestAsync(call with { IsModern = true }, default).WaitAsync(Waits.Long);

        Assert.Contains($"\"structuredContent\":{shown},\"x\":1", Encoding.UTF8.GetString(seen.Bytes.Span));
        Assert.Contains($"\"structuredContent\":{given},\"x\":1", Encoding.UTF8.GetString(modern.Bytes.Span));
    }

    private static async Task<TestBackend> RoundsAsync(TemporaryFile received, string rounds)
    {
        using var script = TemporaryFile.With(Script(rounds));
        return await TestBackend.ConnectAsync(Flavour.Modern, ["--script", script.Path, "--received", received.Path]);
    }

    private static string Script(string rounds) => $$"""{"tools":[{"name":"rounds","x-rounds":{{rounds}}}]}""";

    private static Task AnswerAsync(TestBackend test, string question, string result) =>
        test.Backend.SendAsync(Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":{{Id(question)}},"result":{{result}}}"""), default).AsTask();

    private static string Id(string message) => JsonDocument.Parse(message).RootElement.GetProperty("id").GetRawText();
}
