using System.Text.Json.Nodes;
using Oktsec.Tests.Gateway;

namespace Oktsec.Tests.Peers;

/// <summary>Tasks of 2025-11-25 as the reference server makes them: asked after, fetched and listed by who made them, and by nobody else.</summary>
public sealed class TaskPeerTests
{
    private const string Tool = "simulate-research-query";

    [Theory]
    [InlineData("stdio", false)]
    [InlineData("stdio", true)]
    [InlineData("http", true)]
    public async Task Task_OfTheReferenceServer_IsItsMakers(string transport, bool shared)
    {
        await using var server = await PeerServers.EverythingAsync(transport);
        await using var gateway = await TestGateway.StartAsync($"mcp_servers:\n{server.Target.ToYaml("everything").Replace("}\n", $", \"shared\": {(shared ? "true" : "false")}}}\n", StringComparison.Ordinal)}");
        using var maker = await ConnectAsync(gateway, "maker");
        using var other = await ConnectAsync(gateway, "other");

        var made = await maker.RequestAsync("tools/call", $$$"""{"name":"{{{Tool}}}","arguments":{"topic":"python"},"task":{"ttl":60000} }""");
        var id = made.Result!["task"]!["taskId"]!.GetValue<string>();
        Assert.Equal("working", Status(made.Result["task"]!));
        var asked = await maker.RequestAsync("tasks/get", Params(id));
        Assert.Equal((id, "working"), ((string?)asked.Result!["taskId"], Status(asked.Result)));
        foreach (var method in new[] { "tasks/get", "tasks/result", "tasks/cancel" })
            Assert.NotNull((await other.RequestAsync(method, Params(id))).Error);

        var fetched = await maker.RequestAsync("tasks/result", Params(id)); // waits for the end
        Assert.StartsWith("# Research Report: python", fetched.Text);
        Assert.Equal("completed", Status((await maker.RequestAsync("tasks/get", Params(id))).Result!));
        Assert.Equal([id], (await maker.RequestAsync("tasks/list", "{}")).Result!["tasks"]!.AsArray().Select(t => (string?)t!["taskId"]));
        Assert.Empty((await other.RequestAsync("tasks/list", "{}")).Result!["tasks"]!.AsArray());

        var record = Assert.Single(gateway.Records("tasks/result"), r => r.Entry.Agent == "maker");
        Assert.Equal((Tool, "allow"), (record.Entry.Target, record.Decision));
    }

    private static async Task<TestAgent> ConnectAsync(TestGateway gateway, string name)
    {
        var agent = gateway.Agent(name);
        await agent.InitializeAsync("""{"tasks":{"list":{},"cancel":{}}}""", "2025-11-25");
        Assert.Contains(Tool, await agent.ListAsync());
        return agent;
    }

    private static string Params(string id) => $$"""{"taskId":"{{id}}"}""";

    private static string? Status(JsonNode task) => (string?)task["status"];
}
