using Oktsec.Configuration;

namespace Oktsec.Tests.Gateway;

/// <summary>A changed configuration takes effect whole, without dropping what is under way; a bad one changes nothing.</summary>
public sealed class ReloadTests
{
    private static string OneBackend => "mcp_servers:\n" + TestGateway.Backend("one");

    // Makes a file when it starts, and never answers.
    private static string SilentBackend(string started) =>
        $"""
          silent:
            command: sh
            args: [-c, "touch '{started}'; exec sleep 1000"]

        """;

    [Fact]
    public async Task Reload_NewAllowList_HidesToolsInOpenSessionsAndTellsThem()
    {
        await using var gateway = await TestGateway.StartAsync(OneBackend + "\nagents: { tester: { } }\n");
        using var agent = await gateway.ConnectAsync();
        Assert.Contains("add", await agent.ListAsync());
        var held = agent.CallAsync("hold", """{"name":"x"}""");
        await TestGateway.UntilAsync(() => gateway.CallsReceived("one").Length == 1);
        await gateway.ReloadAsync(OneBackend + "\nagents: { tester: { allowed_tools: [echo, release] } }\n");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await foreach (var message in agent.ListenAsync(limit.Token))
        {
            Assert.Equal("notifications/tools/list_changed", message["method"]!.GetValue<string>());
            break;
        }
        Assert.Equal(["echo", "release"], await agent.ListAsync());
        Assert.Equal(-32602, (await agent.CallAsync("add", """{"a":1,"b":2}""")).Error!["code"]!.GetValue<int>());
        // The call that was under way ends as it began.
        await agent.CallAsync("release", """{"name":"x"}""");
        Assert.Equal("held until released", (await held).Text);
    }

    [Fact]
    public async Task Reload_AddedBackend_IsThereInOpenSessions()
    {
        await using var gateway = await TestGateway.StartAsync(OneBackend);
        using var agent = await gateway.ConnectAsync();
        Assert.Contains("echo", await agent.ListAsync());
        await gateway.ReloadAsync(OneBackend + TestGateway.Backend("two"));
        var tools = await agent.ListAsync();
        Assert.Contains("echo", tools); // a name never changes within a session
        Assert.Contains("two_echo", tools);
        Assert.Equal("hi", (await agent.CallAsync("two_echo", """{"message":"hi"}""")).Text);
        Assert.Single(gateway.CallsReceived("two"));
        Assert.Contains("\"name\":\"echo\"", gateway.CallsReceived("two").Single());
    }

    [Fact]
    public async Task Reload_WithoutABackendThatWasStillStarting_TellsOpenSessionsWhatChanged()
    {
        await using var gateway = await TestGateway.StartAsync(OneBackend + "\nagents: { tester: { } }\n");
        using var agent = await gateway.ConnectAsync();
        Assert.Contains("add", await agent.ListAsync());
        var started = gateway.Folder["started"];
        await gateway.ReloadAsync(OneBackend + SilentBackend(started));
        await TestGateway.UntilAsync(() => File.Exists(started)); // for the look at what the agent may see now, which waits for it

        await gateway.ReloadAsync(OneBackend + "\nagents: { tester: { allowed_tools: [echo] } }\n");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await using var heard = agent.ListenAsync(limit.Token).GetAsyncEnumerator(limit.Token);
        Assert.True(await heard.MoveNextAsync());
        Assert.Equal("notifications/tools/list_changed", heard.Current["method"]!.GetValue<string>());
    }

    [Fact]
    public async Task Reload_WithoutABackendThatWasStillStarting_AnswersWhoWaitedForIt()
    {
        await using var gateway = await TestGateway.StartAsync(OneBackend);
        using var agent = await gateway.ConnectAsync();
        var started = gateway.Folder["started"];
        await gateway.ReloadAsync("mcp_servers:\n" + SilentBackend(started));
        var list = agent.RequestAsync("tools/list", "{}");
        await TestGateway.UntilAsync(() => File.Exists(started));
        await gateway.ReloadAsync(OneBackend);
        Assert.Contains("backend_unavailable", (await list).Error!.ToJsonString());
    }

    [Fact]
    public async Task Reload_BadFile_KeepsTheOneBefore()
    {
        await using var gateway = await TestGateway.StartAsync(OneBackend + "\nagents: { tester: { allowed_tools: [echo] } }\n");
        using var agent = await gateway.ConnectAsync();
        var file = gateway.Folder["bad.yaml"];
        await File.WriteAllTextAsync(file, "agents: { tester: { allowed_tolls: [] } }");
        gateway.Host.Reload(ConfigFile.Load(file, MachineEnvironment.With(KnownRules.Of)));
        Assert.Equal(["echo"], await agent.ListAsync());
    }
}
