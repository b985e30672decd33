using Oktsec.Configuration;
using Oktsec.Core.Configuration;
using Oktsec.Core.Identity;
using Oktsec.Gateway;

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

    /// <summary>A call that never ends is not dropped, and does not keep the next configuration, and what it forbids, from being applied.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reload_WhileACallToAReplacedBackendHangs_IsAppliedAndTheNextToo(bool shared)
    {
        var marked = shared ? "    shared: true\n" : "";
        await using var gateway = await TestGateway.StartAsync(OneBackend + marked + "agents: { tester: {} }\n");
        using var agent = await gateway.ConnectAsync();
        var hanging = agent.CallAsync("hang");
        await TestGateway.UntilAsync(() => gateway.CallsReceived("one").Length == 1);

        await gateway.ReloadAsync("mcp_servers:\n" + TestGateway.Backend("two") + "agents: { tester: {} }\n").WaitAsync(TimeSpan.FromMinutes(1));
        var echo = (await agent.ListAsync()).First(name => name.StartsWith("echo_", StringComparison.Ordinal)); // a name stays that of the backend it was first
        Assert.Equal("hi", (await agent.CallAsync(echo, """{"message":"hi"}""")).Text);
        Assert.Single(gateway.CallsReceived("two"));

        await gateway.ReloadAsync("mcp_servers:\n" + TestGateway.Backend("two") + "agents: { tester: { suspended: true } }\n").WaitAsync(TimeSpan.FromMinutes(1));
        Assert.StartsWith("blocked by oktsec: agent_suspended", (await agent.CallAsync(echo, """{"message":"hi"}""")).Text);
        Assert.Single(gateway.CallsReceived("two"));
        Assert.Equal("agent_suspended", gateway.Records("tools/call")[0].Entry.Decision);
        Assert.False(hanging.IsCompleted);
        await gateway.Host.DisposeAsync(); // ends what still hangs: a test that waits for it would not come back
    }

    [Fact]
    public async Task Reload_WhileCallsComeAndGo_DropsNone()
    {
        string Yaml(int version) => "mcp_servers:\n" + TestGateway.Backend("one") + $"    env: {{ VERSION: \"{version}\" }}\n";
        await using var gateway = await TestGateway.StartAsync(Yaml(0));
        using var stop = new CancellationTokenSource();
        var calls = 0;
        var callers = Enumerable.Range(0, 4).Select(async _ =>
        {
            using var agent = await gateway.ConnectAsync();
            for (; !stop.IsCancellationRequested; Interlocked.Increment(ref calls))
            {
                var answer = await agent.CallAsync("echo", """{"message":"hi"}""");
                Assert.True(answer.Text == "hi", answer.Body);
            }
        }).ToList();
        for (var version = 1; version <= 5; version++)
        {
            var before = Volatile.Read(ref calls);
            await TestGateway.UntilAsync(() => Volatile.Read(ref calls) > before + 50 || callers.Exists(c => c.IsCompleted));
            await gateway.ReloadAsync(Yaml(version));
        }
        await stop.CancelAsync();
        await Task.WhenAll(callers);
    }

    /// <summary>A session that opens while a configuration is swapped has the backends of the new one, whichever came first.</summary>
    [Fact]
    public async Task Reload_WhileSessionsOpen_LeavesNoneBehind()
    {
        var time = TimeProvider.System;
        var sessions = new SessionRegistry(time);
        await using var backends = new BackendRegistry(time);
        OktsecConfig Config(int version) => new()
        {
            McpServers = [new BackendConfig { Name = "own", Transport = "stdio", Command = $"v{version}" }, new BackendConfig { Name = "all", Transport = "stdio", Command = $"v{version}", Shared = true }],
        };
        backends.Configure(Config(0));
        var opening = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 2_000; i++)
                backends.Open(new GatewaySession(SessionRegistry.NewId(), Principal.Anonymous, "2025-06-18", default, null!), sessions);
        })).ToList();
        var version = 0;
        while (!opening.TrueForAll(o => o.IsCompleted))
        {
            backends.Configure(Config(++version));
            foreach (var session in sessions.All)
                backends.Swap(session);
        }
        await Task.WhenAll(opening);

        Assert.Equal(4_000, sessions.Count);
        Assert.All(sessions.All, session => Assert.All(session.Slots, slot => Assert.Equal($"v{version}", slot.Config.Command)));
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
