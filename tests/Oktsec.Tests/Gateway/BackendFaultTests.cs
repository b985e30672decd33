using Oktsec.Core.Audit;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Gateway;

/// <summary>A dead, hung, crashing or babbling backend hurts only its own tools, and comes back by itself.</summary>
public sealed class BackendFaultTests
{
    private static string Two(params string[] badArguments) =>
        "mcp_servers:\n" + TestGateway.Backend("bad", badArguments) + "    start_timeout: 2\n    call_timeout: 1\n" + TestGateway.Backend("good");

    [Theory]
    [InlineData("--fail-start", "3")]
    [InlineData("--mute")]
    public async Task Backend_ThatNeverComesUp_LeavesTheOthersAlone(params string[] arguments)
    {
        await using var gateway = await TestGateway.StartAsync(Two(arguments));
        using var agent = await gateway.ConnectAsync();
        Assert.Contains("echo", await agent.ListAsync());
        Assert.Equal("hi", (await agent.CallAsync("echo", """{"message":"hi"}""")).Text);
        Assert.Equal("down", gateway.Host.Parts.Backends.Health("bad").State);
        Assert.Equal("up", gateway.Host.Parts.Backends.Health("good").State);
    }

    [Fact]
    public async Task Backend_ThatCrashesMidCall_SaysSoAndComesBack()
    {
        await using var gateway = await TestGateway.StartAsync(Two());
        using var agent = await gateway.ConnectAsync();
        await agent.ListAsync();
        var crashed = await agent.CallAsync("bad_crash");
        Assert.True(crashed.IsToolError);
        Assert.StartsWith("blocked by oktsec: outcome_unknown", crashed.Text);
        var record = gateway.Records("tools/call").Single();
        Assert.Equal(("outcome_unknown", AuditStatus.Delivered), (record.Outcome!.Decision, record.Outcome.Status));
        Assert.Equal("again", (await agent.CallAsync("bad_echo", """{"message":"again"}""")).Text);
        Assert.Equal("hi", (await agent.CallAsync("good_echo", """{"message":"hi"}""")).Text);
    }

    /// <summary>What is told to all reaches those that read, and the agent's POST ends, when one of them reads nothing.</summary>
    [Fact]
    public async Task Backend_ThatReadsNothing_KeepsNoNotificationFromTheOthers()
    {
        const string deaf = """
              deaf:
                command: sh
                args: [-c, 'read line; printf "%s" "$line" | sed "s/.*\"id\":\([^,}]*\).*/{\"jsonrpc\":\"2.0\",\"id\":\1,\"result\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},\"serverInfo\":{\"name\":\"d\",\"version\":\"1\"}}}/"; echo; exec sleep 1000']

            """;
        await using var gateway = await TestGateway.StartAsync("mcp_servers:\n" + deaf + TestGateway.Backend("good"));
        using var agent = await gateway.ConnectAsync();
        Assert.Contains("echo", await agent.ListAsync());
        var words = string.Concat(Enumerable.Repeat("some words ", 20_000));
        const int count = 21; // 4.6 MB: more than a pipe and the 4 MB that wait for it hold
        for (var i = 0; i < count; i++)
        {
            var sending = agent.SendAsync($$$"""{"jsonrpc":"2.0","method":"notifications/words","params":{"words":"{{{words}}}"}}""");
            await sending.WaitAsync(TimeSpan.FromMinutes(1)); // call_timeout is 5 minutes
        }
        Assert.Equal("up", gateway.Host.Parts.Backends.Health("deaf").State);
        await TestGateway.UntilAsync(() => gateway.Received("good").Count(l => l.Contains("notifications/words", StringComparison.Ordinal)) == count);
    }

    private static async Task<Answer> InTimeAsync(ManualTime time, Task<Answer> asked)
    {
        var waited = TimeSpan.Zero;
        await TestGateway.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(20));
            waited += TimeSpan.FromMilliseconds(20);
            return asked.IsCompleted;
        });
        Assert.InRange(waited.TotalSeconds, 0, 60); // call_timeout is 300 s
        return await asked;
    }

    /// <summary>What a session sets is told to all; one that never answers keeps nobody waiting for as long as a call may take, and works otherwise.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Backend_ThatNeverAnswersSetLevel_KeepsNobodyWaiting(bool isStateless)
    {
        var time = new ManualTime();
        await using var gateway = await TestGateway.StartAsync(
            "mcp_servers:\n" + TestGateway.Backend("bad", "--ignore", "logging/setLevel") + TestGateway.Backend("good"), time: time);
        using var session = await gateway.ConnectAsync();
        using var modern = new Stateless.StatelessAgent(gateway);
        if (isStateless)
        {
            await InTimeAsync(time, modern.CallAsync("bad_echo", """{"message":"hi"}"""));
            var level = ",\"io.modelcontextprotocol/logLevel\":\"debug\"";
            Assert.Equal("hi", (await InTimeAsync(time, modern.CallAsync("good_echo", """{"message":"hi"}""", meta: level))).Text);
            return;
        }
        Assert.Contains("bad_echo", await session.ListAsync());
        Assert.Equal("{}", (await InTimeAsync(time, session.RequestAsync("logging/setLevel", """{"level":"debug"}"""))).Result!.ToJsonString());
        foreach (var backend in (string[])["bad", "good"])
            Assert.Contains(gateway.Received(backend), l => l.Contains("logging/setLevel", StringComparison.Ordinal));
        Assert.True((await InTimeAsync(time, session.CallAsync("bad_crash"))).IsToolError);
        Assert.Equal("hi", (await InTimeAsync(time, session.CallAsync("bad_echo", """{"message":"hi"}"""))).Text); // on a connection that is told anew
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_OfWhatAnUnheardBackendMayHave_IsUnavailableAndNotUnknown(bool isStateless)
    {
        await using var gateway = await TestGateway.StartAsync(Two("--fail-start", "3"));
        using var session = await gateway.ConnectAsync();
        using var modern = new Stateless.StatelessAgent(gateway);
        foreach (var tool in new[] { "bad_read", "read" })
        {
            var answer = await (isStateless ? modern.CallAsync(tool) : session.CallAsync(tool));
            Assert.True(answer.IsToolError);
            Assert.Equal("blocked by oktsec: backend_unavailable, what backend bad offers is not known: exited with code 3 before it answered initialize", answer.Text);
            Assert.Equal("backend_unavailable", gateway.Records("tools/call")[0].Entry.Decision);
        }
        Assert.Empty(gateway.CallsReceived("good"));
    }

    [Fact]
    public async Task Call_WhileABackendIsUnheard_DoesNotTellWhatIsHidden()
    {
        await using var gateway = await TestGateway.StartAsync(Two("--fail-start", "3") + "agents: { tester: { allowed_tools: [bad/echo, good/add] } }");
        using var agent = await gateway.ConnectAsync();
        // good has echo and cwd, hidden both. What bad may have under a name decides, not what good has.
        foreach (var (hidden, nobodys) in new[] { ("echo", "bad_echo"), ("cwd", "nothing") })
        {
            var (one, other) = (await agent.CallAsync(hidden), await agent.CallAsync(nobodys));
            Assert.Equal(hidden == "echo", one.IsToolError);
            Assert.Equal(other.Error?.ToJsonString().Replace(nobodys, hidden), one.Error?.ToJsonString());
            Assert.Equal(other.Text, one.Text);
            Assert.Equal("tool_not_allowed", gateway.Records("tools/call")[1].Entry.Decision); // the record says what it was
        }
        Assert.Empty(gateway.CallsReceived("good"));
    }

    [Theory]
    [InlineData("""{"idempotentHint":true}""", 2)]
    [InlineData("""{"readOnlyHint":true}""", 2)]
    [InlineData("""{"idempotentHint":false,"readOnlyHint":false}""", 1)]
    [InlineData("""{"idempotentHint":"true"}""", 1)]
    public async Task Call_LostWithItsBackend_IsMadeAgainOnlyWhereTheToolIsDeclaredSo(string annotations, int calls)
    {
        await using var gateway = await TestGateway.StartAsync("mcp_servers:\n" + TestGateway.Backend("one", "--script", "__FOLDER__/s.json"),
            prepare: f => File.WriteAllText(f["s.json"], $$$"""{"tools":[{"name":"once","inputSchema":{"type":"object"},"annotations":{{{annotations}}},"x-crash-once":"{{{f["crashed"]}}}"}]}"""));
        using var agent = await gateway.ConnectAsync();
        await agent.ListAsync();

        var answer = await agent.CallAsync("once");

        Assert.Equal(calls, gateway.CallsReceived("one").Length);
        if (calls == 2)
            Assert.Equal("once was called", answer.Text);
        else
            Assert.StartsWith("blocked by oktsec: outcome_unknown", answer.Text);
        Assert.Equal(calls == 2 ? "allow" : "outcome_unknown", Assert.Single(gateway.Records("tools/call")).Outcome!.Decision);
    }

    [Fact]
    public async Task Backend_WhoseAnswerIsNoMessage_IsNoSuccess()
    {
        await using var gateway = await TestGateway.StartAsync("mcp_servers:\n" + TestGateway.Backend("one"));
        using var agent = await gateway.ConnectAsync();

        var answer = await agent.CallAsync("malformed");

        Assert.True(answer.IsToolError);
        Assert.StartsWith("blocked by oktsec: outcome_unknown", answer.Text);
        Assert.Equal("hi", (await agent.CallAsync("echo", """{"message":"hi"}""")).Text);
    }

    [Fact]
    public async Task Backend_ThatForgetsItsSession_IsSpokenToAnewInTheSameAgentSession()
    {
        await using var server = await HttpServer.StartAsync("--json");
        await using var gateway = await TestGateway.StartAsync("mcp_servers:\n" + server.Backend("one"));
        using var agent = await gateway.ConnectAsync();
        var session = agent.Session;

        Assert.Equal("lost", (await agent.CallAsync("lose_session")).Text);

        Assert.Equal("again", (await agent.CallAsync("echo", """{"message":"again"}""")).Text);
        Assert.Equal(session, agent.Session);
    }

    [Fact]
    public async Task Backend_ThatHangs_TimesOutAloneAndIsToldSo()
    {
        await using var gateway = await TestGateway.StartAsync(Two());
        using var agent = await gateway.ConnectAsync();
        await agent.ListAsync();
        var hung = agent.CallAsync("bad_hang");
        Assert.Equal("hi", (await agent.CallAsync("good_echo", """{"message":"hi"}""")).Text);
        Assert.StartsWith("blocked by oktsec: outcome_unknown, backend bad gave no answer in 1 s", (await hung).Text);
        Assert.Equal("later", (await agent.CallAsync("bad_echo", """{"message":"later"}""")).Text);
        Assert.Contains(gateway.Received("bad"), l => l.Contains("notifications/cancelled"));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("utf8")]
    [InlineData("batch")]
    [InlineData("duplicate")]
    [InlineData("bom")]
    public async Task Backend_ThatBabbles_GoesOn(string kind)
    {
        await using var gateway = await TestGateway.StartAsync(Two());
        using var agent = await gateway.ConnectAsync();
        await agent.ListAsync();
        var answer = await agent.CallAsync("bad_babble", $$"""{"kind":"{{kind}}"}""");
        Assert.False(answer.IsToolError);
        Assert.Equal("hi", (await agent.CallAsync("bad_echo", """{"message":"hi"}""")).Text);
    }

    [Fact]
    public async Task Names_OfABackendThatIsDown_StayAsTheyWere()
    {
        var folder = "";
        await using (var first = await TestGateway.StartAsync(Two()))
        {
            using var agent = await first.ConnectAsync();
            Assert.Contains("good_echo", await agent.ListAsync());
            folder = first.Folder.Path;
            Directory.CreateDirectory(folder + "-kept");
            await first.Host.StopAsync();
            foreach (var file in Directory.GetFiles(first.Folder["store"]))
                File.Copy(file, Path.Join(folder + "-kept", Path.GetFileName(file)));
        }
        await using var second = await TestGateway.StartAsync(Two("--fail-start", "1"), prepare: f => Directory.Move(folder + "-kept", f["store"]));
        using var later = await second.ConnectAsync();
        var answer = await later.RequestAsync("tools/list", "{}");
        var tools = answer.Result!["tools"]!.AsArray().Select(t => t!["name"]!.GetValue<string>()).ToArray();
        Assert.Contains("good_echo", tools);
        Assert.Contains("bad_echo", tools); // the last good list stands in, marked
        Assert.Equal("bad", answer.Result["_meta"]!["oktsec/degraded"]![0]!.GetValue<string>());
        Assert.StartsWith("blocked by oktsec: backend_unavailable", (await later.CallAsync("bad_echo", """{"message":"x"}""")).Text);
    }
}
