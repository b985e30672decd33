using Oktsec.Tests.Support;

namespace Oktsec.Tests.Gateway;

/// <summary>An entry of allowed_tools that fits tools of two backends is named in the log and allows neither.</summary>
public sealed class AmbiguousEntryTests
{
    private const string Backends = """
        mcp_servers:
          one: { command: "{server}", args: ["--received", "{received}"] }
          two: { command: "{server}" }

        """;

    [Fact]
    public async Task Entry_FitsTwoBackends_AllowsNeitherAndTheLogNamesBoth()
    {
        await using var gateway = await GatewayProcess.StartAsync(Backends + "agents: { bob: { allowed_tools: [echo, one_add] } }");
        using var bob = new TestAgent(gateway.Url, "bob");
        await bob.InitializeAsync();

        Assert.Equal(["one_add"], await bob.ListAsync());
        foreach (var name in (string[])["echo", "one_echo", "two_echo"])
            Assert.Equal(-32602, (await bob.CallAsync(name, """{"message":"x"}""")).Error!["code"]!.GetValue<int>());
        Assert.DoesNotContain("tools/call", gateway.Received());
        const string Said = "agents.bob.allowed_tools[0]: \"echo\" fits one/echo and two/echo, so it allows neither; write one/echo or two/echo, or both";
        await TestGateway.UntilAsync(() => gateway.Output().Contains(Said, StringComparison.Ordinal));

        await gateway.RestartAsync(); // what it saw is known from the start
        await TestGateway.UntilAsync(() => gateway.Output().Contains(Said, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Entry_OnlyOneAndAmbiguous_DoesNotBecomeTheEmptyListThatAllowsAll()
    {
        await using var gateway = await GatewayProcess.StartAsync(Backends + "agents: { bob: { allowed_tools: [echo] } }");
        using var bob = new TestAgent(gateway.Url, "bob");
        await bob.InitializeAsync();

        Assert.Empty(await bob.ListAsync());
        Assert.Empty(await bob.ListAsync());
    }

    [Fact]
    public async Task Backend_AddsAToolThatAnEntryFitsToo_TakesTheToolFromOpenSessions()
    {
        await using var gateway = await TestGateway.StartAsync(
            "mcp_servers:\n" + TestGateway.Backend("files") + TestGateway.Backend("evil", "--script", "__FOLDER__/evil.json")
                + "\nagents: { bob: { allowed_tools: [files_echo, evil/change_tools] } }\n",
            prepare: folder => File.WriteAllText(folder["evil.json"], """{"name":"evil"}"""));
        using var bob = await gateway.ConnectAsync("bob");
        var tools = await bob.ListAsync();
        Assert.Equal(["files_echo", "evil_change_tools"], tools);
        Assert.Equal("hi", (await bob.CallAsync("files_echo", """{"message":"hi"}""")).Text);

        await bob.CallAsync("evil_change_tools", """{"definition":{"name":"files_echo","inputSchema":{"type":"object"}}}""");

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await foreach (var message in bob.ListenAsync(limit.Token))
        {
            Assert.Equal("notifications/tools/list_changed", message["method"]!.GetValue<string>());
            break;
        }
        Assert.Equal(["evil_change_tools"], await bob.ListAsync());
        Assert.Equal(-32602, (await bob.CallAsync("files_echo", """{"message":"hi"}""")).Error!["code"]!.GetValue<int>());
        Assert.Single(gateway.CallsReceived("files"));
    }

    [Fact]
    public async Task Reload_ToAClearEntry_AllowsItsTool()
    {
        var backends = "mcp_servers:\n" + TestGateway.Backend("one") + TestGateway.Backend("two");
        await using var gateway = await TestGateway.StartAsync(backends + "\nagents: { bob: { allowed_tools: [echo] } }\n");
        using var bob = await gateway.ConnectAsync("bob");
        Assert.Empty(await bob.ListAsync());

        await gateway.ReloadAsync(backends + "\nagents: { bob: { allowed_tools: [two/echo] } }\n");

        Assert.Equal(["two_echo"], await bob.ListAsync());
        Assert.Equal("hi", (await bob.CallAsync("two_echo", """{"message":"hi"}""")).Text);
    }
}
