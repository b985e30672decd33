using System.Text.Json;

namespace Oktsec.Tests.Http;

/// <summary>A backend that says odd things by itself: its results still arrive, and the agent hears only JSON.</summary>
public sealed class OddServerMessageTests(OddServerMessageTests.TwoBackends front) : IClassFixture<OddServerMessageTests.TwoBackends>
{
    private static readonly string[] s_values = ["null", "1", "1.5", "\"\"", "\"x\"", "\"\\u0000\"", "[]", "{}", "[{}]", "{\"x\":{}}"];

    public static TheoryData<string, string[]> Methods { get; } = new()
    {
        { "notifications/message", ["level", "logger", "data"] },
        { "notifications/progress", ["progressToken", "progress", "total", "message"] },
        { "notifications/cancelled", ["requestId"] },
        { "notifications/resources/updated", ["uri"] },
        { "notifications/tasks/status", ["taskId", "status"] },
        { "notifications/elicitation/complete", ["elicitationId"] },
        { "notifications/initialized", ["x"] },
        { "notifications/unknown", ["x"] },
        { "sampling/createMessage", ["messages", "maxTokens"] },
        { "elicitation/create", ["message", "requestedSchema"] },
        { "roots/list", ["x"] },
        { "ping", ["x"] },
        { "tools/call", ["name", "arguments"] },
        { "initialize", ["protocolVersion"] },
        { "x/unknown", ["x"] },
    };

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Say_OddMessage_DoesNotKeepTheResultBack(string method, string[] members)
    {
        var agent = await front.OpenAsync();
        await CheckAsync(agent, method, "");
        foreach (var value in s_values)
        {
            await CheckAsync(agent, method, $",\"params\":{value}");
            foreach (var member in members)
                await CheckAsync(agent, method, $",\"params\":{{\"{member}\":{value}}}");
        }
    }

    private static async Task CheckAsync(FrontAgent agent, string method, string parameters)
    {
        foreach (var id in (string[])["", "\"id\":1,", "\"id\":\"x\","])
        {
            var said = $$"""{"jsonrpc":"2.0",{{id}}"method":"{{method}}"{{parameters}}}""";
            var reply = await agent.SendAsync(agent.Post(
                $$$$"""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"say","arguments":{"message":{{{{JsonSerializer.Serialize(said)}}}}},"_meta":{"progressToken":"x"}}}"""));

            Assert.True(reply.Status == 200, $"{said}: {reply.Status} {reply.Body}");
            Assert.Equal("said", reply.Message().GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString());
            foreach (var line in reply.Body.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)))
                JsonDocument.Parse(line[6..]).Dispose();
        }
    }

    /// <summary>A second backend, even one that is down, makes the gateway mark whose log messages they are.</summary>
    public sealed class TwoBackends : FrontFixture
    {
        protected override string Config => """
            mcp_servers:
              test:
                transport: stdio
                command: {server}
                args: ["--received", "{received}"]
              down:
                transport: stdio
                command: {server}
                args: ["--fail-start", "3"]
            """;
    }
}
