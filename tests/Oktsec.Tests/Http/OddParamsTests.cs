namespace Oktsec.Tests.Http;

/// <summary>Well-formed messages that say odd things: every one is answered for what it is, never with an internal error.</summary>
public sealed class OddParamsTests(FrontFixture front) : IClassFixture<FrontFixture>
{
    private static readonly string[] s_values = ["null", "1", "1.5", "true", "\"\"", "\"x\"", "\"\\u0000\"", "[]", "{}", "[{}]", "{\"x\":{}}"];

    public static TheoryData<string, string[]> Methods { get; } = new()
    {
        { "initialize", ["protocolVersion", "capabilities", "clientInfo"] },
        { "ping", ["x"] },
        { "tools/list", ["cursor", "_meta"] },
        { "tools/call", ["name", "arguments", "_meta", "task"] },
        { "resources/list", ["cursor"] },
        { "resources/templates/list", ["cursor"] },
        { "resources/read", ["uri"] },
        { "resources/subscribe", ["uri"] },
        { "resources/unsubscribe", ["uri"] },
        { "prompts/list", ["cursor"] },
        { "prompts/get", ["name", "arguments"] },
        { "completion/complete", ["ref", "argument", "context"] },
        { "logging/setLevel", ["level"] },
        { "tasks/get", ["taskId"] },
        { "tasks/result", ["taskId"] },
        { "tasks/cancel", ["taskId"] },
        { "sampling/createMessage", ["messages"] },
        { "roots/list", ["x"] },
        { "x/unknown", ["x"] },
        { "notifications/initialized", ["x"] },
        { "notifications/cancelled", ["requestId", "reason"] },
        { "notifications/progress", ["progressToken", "progress"] },
        { "notifications/message", ["level", "data"] },
        { "notifications/resources/updated", ["uri"] },
        { "notifications/tools/list_changed", ["x"] },
        { "notifications/unknown", ["x"] },
    };

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Post_OddParams_IsAnsweredWithoutInternalError(string method, string[] members)
    {
        var agent = await front.OpenAsync();
        await CheckAsync(agent, method, "");
        foreach (var value in s_values)
        {
            await CheckAsync(agent, method, $",\"params\":{value}");
            foreach (var member in members)
            {
                await CheckAsync(agent, method, $",\"params\":{{\"{member}\":{value}}}");
                await CheckAsync(agent, method, $",\"params\":{{{Good(members, member)}\"{member}\":{value}}}");
            }
        }
        await agent.ReceivedAsync(); // and the session still works
    }

    [Theory]
    [InlineData("\"result\":{}")]
    [InlineData("\"result\":null")]
    [InlineData("\"error\":{\"code\":1,\"message\":\"\"}")]
    public async Task Post_ResponseNobodyWaitsFor_IsAcceptedAndForgotten(string content)
    {
        var agent = await front.OpenAsync();
        foreach (var id in (string[])["0", "1", "-1", "123456789012345678901234567890", "\"\"", "\"1\""])
        {
            var reply = await agent.SendAsync(agent.Post($$"""{"jsonrpc":"2.0","id":{{id}},{{content}}}"""));
            Assert.True(reply.Status == 202, $"{id}: {reply.Status} {reply.Body}");
        }
        await agent.ReceivedAsync();
    }

    /// <summary>The other members as they should be.</summary>
    private static string Good(string[] members, string but) => string.Concat(members.Where(member => member != but).Select(member => member switch
    {
        "arguments" or "argument" or "capabilities" or "_meta" or "context" => $"\"{member}\":{{}},",
        "ref" => "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"greet\"},",
        "name" => "\"name\":\"echo\",",
        _ => $"\"{member}\":\"x\",",
    }));

    private static async Task CheckAsync(FrontAgent agent, string method, string parameters)
    {
        var isNotification = method.StartsWith("notifications/", StringComparison.Ordinal);
        var body = $$"""{"jsonrpc":"2.0",{{(isNotification ? "" : "\"id\":7,")}}"method":"{{method}}"{{parameters}}}""";
        var request = agent.Post(body);
        var reply = await agent.SendAsync(method == "initialize" ? request.Without("Mcp-Session-Id") : request);
        Assert.True(reply.Status is 400 || reply.Status == (isNotification ? 202 : 200), $"{body}: {reply.Status} {reply.Body}");
        Assert.DoesNotContain("-32603", reply.Body, StringComparison.Ordinal);
    }
}
