using Oktsec.Core.Audit;

namespace Oktsec.Tests.Gateway.Healing;

/// <summary>A URI that no list has, while some backends are down: it is told to nobody whose it may not be, and nobody answers for another.</summary>
public sealed class UnlistedResourceTests
{
    private const string Uri = "plans://secret";

    private const string Other = """{"onlyScript":true,"capabilities":{"resources":{}},"resources":[{"uri":"other://one","name":"one"}]}""";

    [Fact]
    public async Task OneNobodyEverHeardIsDown_SaysSoAndAsksNobody()
    {
        await using var gateway = await StartAsync(TestGateway.Backend("plans", "--fail-start", "3"), Other);
        using var agent = await gateway.ConnectAsync();

        foreach (var method in (string[])["resources/read", "resources/subscribe"])
        {
            var answer = await agent.RequestAsync(method, $$"""{"uri":"{{Uri}}"}""");

            Assert.StartsWith("blocked by oktsec: backend_unavailable, what backend plans offers is not known", answer.Error!["message"]!.GetValue<string>());
            Assert.NotEqual(AuditStatus.Delivered, Assert.Single(gateway.Records(method)).Entry.Status);
        }
        Assert.DoesNotContain(gateway.Received("other"), l => l.Contains(Uri, StringComparison.Ordinal));
        // What it does list is its own all the same.
        await agent.RequestAsync("resources/read", """{"uri":"other://one"}""");
        Assert.Single(gateway.Received("other"), l => l.Contains("other://one", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"onlyScript":true,"capabilities":{"resources":{}},"resources":[{"uri":"plans://secret","name":"s"}]}""")]
    [InlineData("""{"onlyScript":true,"capabilities":{"resources":{}},"resources":[],"resourceTemplates":[{"uriTemplate":"plans://{name}","name":"t"}]}""")]
    public async Task ItsOwnerIsDown_SaysSoAndAsksNobodyElse(string plans)
    {
        await using var server = await PlansAsync(plans);
        await using var gateway = await StartAsync(server.Backend("plans"), Other);
        using (var before = await gateway.ConnectAsync())
        {
            await before.ListAsync("resources/list", "resources", "uri");
            await before.ListAsync("resources/templates/list", "resourceTemplates", "uriTemplate");
        }
        await server.DisposeAsync();
        using var agent = await gateway.ConnectAsync();

        var answer = await agent.RequestAsync("resources/read", $$"""{"uri":"{{Uri}}"}""");

        Assert.Contains("backend_unavailable, backend plans", answer.Error!["message"]!.GetValue<string>());
        Assert.Equal("backend_unavailable", gateway.Records("resources/read")[0].Decision);
        Assert.DoesNotContain(gateway.Received("other"), l => l.Contains(Uri, StringComparison.Ordinal));
    }

    [Fact]
    public async Task OneThatFitsByItsTemplate_IsAsked()
    {
        await using var gateway = await StartAsync(
            TestGateway.Backend("dead", "--fail-start", "3"),
            """{"onlyScript":true,"capabilities":{"resources":{}},"resources":[],"resourceTemplates":[{"uriTemplate":"plans://{name}","name":"t"}]}""");
        using var agent = await gateway.ConnectAsync();

        await agent.RequestAsync("resources/read", $$"""{"uri":"{{Uri}}"}""");

        Assert.Contains(gateway.Received("other"), l => l.Contains(Uri, StringComparison.Ordinal));
    }

    [Fact]
    public async Task OneThatNeverHadResourcesIsDown_TheOtherIsAsked()
    {
        await using var server = await PlansAsync("""{"onlyScript":true,"capabilities":{"tools":{}},"tools":[{"name":"t","inputSchema":{"type":"object"}}]}""");
        await using var gateway = await StartAsync(server.Backend("plans"), Other);
        using (var before = await gateway.ConnectAsync())
            await before.ListAsync();
        await server.DisposeAsync();
        using var agent = await gateway.ConnectAsync();

        await agent.RequestAsync("resources/read", $$"""{"uri":"{{Uri}}"}""");

        Assert.Contains(gateway.Received("other"), l => l.Contains(Uri, StringComparison.Ordinal));
    }

    private static Task<TestGateway> StartAsync(string plans, string other) => TestGateway.StartAsync(
        "mcp_servers:\n" + plans + TestGateway.Backend("other", "--script", "__FOLDER__/other.json"), prepare: f => File.WriteAllText(f["other.json"], other));

    private static async Task<HttpServer> PlansAsync(string script)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, script);
            return await HttpServer.StartAsync("--script", file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
