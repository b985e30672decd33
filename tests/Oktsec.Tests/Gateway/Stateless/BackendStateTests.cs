using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Gateway.Stateless;

/// <summary>
/// The <c>requestState</c> of a backend that speaks 2026-07-28 itself, and what its results ask. Whether a state is good once is the backend's to say
/// ("MUST enforce that invariant server-side"): an agent whose answer was lost on the way may send its request again.
/// </summary>
public sealed class BackendStateTests
{
    private const string All = """{"elicitation":{"form":{}},"roots":{}}""";

    private static Task<TestGateway> StartAsync(string tool, string more = "") => TestGateway.StartAsync(
        "mcp_servers:\n" + TestGateway.Backend("one", "--modern", "--script", "__FOLDER__/s.json") + more,
        prepare: f => File.WriteAllText(f["s.json"], $$"""{"tools":[{"name":"ask","inputSchema":{"type":"object"},{{tool}} }]}"""));

    private static string Answering(Answer asked, string answer) =>
        $",\"inputResponses\":{{\"ask\":{answer}}},\"requestState\":{asked.Result!["requestState"]!.ToJsonString()}";

    [Fact]
    public async Task State_OfABackend_BroughtTwice_IsACallOfItsOwnEachTime()
    {
        await using var gateway = await StartAsync(""" "x-ask":{"method":"elicitation/create","params":{"message":"Which colour?"} } """);
        using var agent = new StatelessAgent(gateway, "alice", All);
        using var thief = new StatelessAgent(gateway, "mallory", All);
        var asked = await agent.CallAsync("ask");
        var answering = Answering(asked, """{"action":"accept"}""");

        // Two more answers to the same question: each is judged and recorded like the first, and the backend decides.
        for (var i = 0; i < 2; i++)
            Assert.Contains("accept", (await agent.CallAsync("ask", more: answering)).Text);
        var evil = await agent.CallAsync("ask", more: Answering(asked, $$"""{"action":"accept","content":{"a":{{Quote(Evil)}} } }"""));
        Assert.StartsWith("blocked by oktsec: ", evil.Text);
        Assert.Equal(3, gateway.CallsReceived("one").Length);
        Assert.Empty(gateway.ReceivedWith("one", Mark));
        Assert.Equal([true, false, false, false], gateway.Asked("tools/call").Select(IsDenied));

        // Of nobody else, and for no other request.
        Assert.Equal(-32602, (int)(await thief.CallAsync("ask", more: answering)).Error!["code"]!);
        Assert.Equal(-32602, (int)(await agent.CallAsync("ask", """{"other":1}""", more: answering)).Error!["code"]!);
        Assert.Equal(3, gateway.CallsReceived("one").Length);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public async Task Questions_OfOneResult_AreAsManyAsAreRecorded(int count, bool isAsked)
    {
        var questions = string.Join(',', Enumerable.Range(0, count).Select(i => $$"""  "k{{i}}":{"method":"roots/list"}  """));
        await using var gateway = await StartAsync($$""" "x-result":{"resultType":"input_required","inputRequests":{ {{questions}} } } """);
        using var agent = new StatelessAgent(gateway, capabilities: All);

        var asked = await agent.CallAsync("ask");

        Assert.Equal(isAsked, (string?)asked.Result!["resultType"] == "input_required");
        Assert.Equal(isAsked ? count : 0, gateway.Said("roots/list").Length);
        Assert.Equal(isAsked ? "allow" : "outcome_unknown", gateway.Records("tools/call").Single().Outcome!.Decision);
        if (!isAsked)
            Assert.Contains("asks for more than 64 inputs at once", asked.Body);
    }

    /// <summary>A result that says it is complete, and asks all the same: some client will ask.</summary>
    [Fact]
    public async Task Question_InAResultThatSaysItIsComplete_IsJudgedWhereResultsAreNotScanned()
    {
        await using var gateway = await StartAsync(
            $$""" "x-result":{"resultType":"complete","content":[],"inputRequests":{"k":{"method":"elicitation/create","params":{"message":{{Quote(Evil)}} } } } } """,
            "gateway: { scan_responses: false }\n");
        using var agent = new StatelessAgent(gateway, capabilities: All);

        var answer = await agent.CallAsync("ask");

        Assert.DoesNotContain(Mark, answer.Body);
        Assert.True(IsDenied(Assert.Single(gateway.Said("elicitation/create"))));
    }
}
