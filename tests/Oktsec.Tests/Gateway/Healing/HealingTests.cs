using Oktsec.Core.Audit;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Gateway.Healing;

/// <summary>Whatever a backend of any kind does, the session of an agent of either era goes on, nothing is done twice, and nothing that failed looks like a success.</summary>
public sealed class HealingTests
{
    private const string Once = """{"tools":[{"name":"once","inputSchema":{"type":"object"},"annotations":{"idempotentHint":true},"x-cut-once":"__OWN__/cut"},{"name":"twice_harms","inputSchema":{"type":"object"},"x-cut-once":"__OWN__/harm"}]}""";

    public static TheoryData<BackendKind, bool> Everybody => Patient.Everybody;

    public static TheoryData<BackendKind, bool, string> WithSessions { get; } = new(
        from kind in (BackendKind[])[BackendKind.Http, BackendKind.Sse]
        from isStateless in (bool[])[false, true]
        from status in (string[])["404", "400"]
        select (kind, isStateless, status));

    [Theory, MemberData(nameof(Everybody))]
    public async Task Restart_BetweenTwoCalls_IsNotNoticed(BackendKind kind, bool isStateless)
    {
        await using var patient = await Patient.StartAsync(kind);
        using var agent = await patient.AgentAsync(isStateless);
        Assert.Equal("before", (await agent.EchoAsync("before")).Text);
        for (var i = 0; i < 3; i++)
        {
            await patient.RestartAsync(agent);
            await GoesOnAsync(patient, agent, $"after {i}", mayBeUnknown: patient.IsOverHttp);
        }
    }

    [Theory, MemberData(nameof(Everybody))]
    public async Task Cut_UnderACall_IsMadeAgainOnlyWhereItMay(BackendKind kind, bool isStateless)
    {
        await using var patient = await Patient.StartAsync(kind, script: Once);
        using var agent = await patient.AgentAsync(isStateless);
        await agent.ListAsync();

        Assert.Equal("once was called", (await agent.CallAsync("once")).Text);
        var lost = await agent.CallAsync("twice_harms");

        Assert.True(lost.IsToolError);
        Assert.StartsWith("blocked by oktsec: outcome_unknown", lost.Text);
        Assert.Contains("may or may not have been carried out", lost.Text);
        Assert.Equal((2, 1), (patient.Calls("once").Length, patient.Calls("twice_harms").Length));
        var record = patient.Gateway.Records("tools/call")[0];
        Assert.Equal(("outcome_unknown", AuditStatus.Delivered), (record.Outcome!.Decision, record.Outcome.Status));
        Assert.Equal("on", (await agent.EchoAsync("on")).Text);
        Assert.Equal("twice_harms was called", (await agent.CallAsync("twice_harms")).Text);
    }

    [Theory, MemberData(nameof(WithSessions))]
    public async Task ForgottenSession_IsOpenedAnewAndTheCallMadeOnce(BackendKind kind, bool isStateless, string status)
    {
        await using var patient = await Patient.StartAsync(kind, ["--json", "--forgotten", status]);
        using var agent = await patient.AgentAsync(isStateless);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("lost", (await agent.CallAsync("lose_session")).Text);
            Assert.Equal($"again {i}", (await agent.EchoAsync($"again {i}")).Text);
        }
        Assert.Equal(3, patient.Calls("echo").Length);
    }

    [Theory]
    [InlineData(BackendKind.Stdio, false)]
    [InlineData(BackendKind.Stdio, true)]
    [InlineData(BackendKind.Modern, false)]
    [InlineData(BackendKind.Modern, true)]
    public async Task ClosedInput_IsNoticedBeforeAnythingIsLost(BackendKind kind, bool isStateless)
    {
        await using var patient = await Patient.StartAsync(kind);
        using var agent = await patient.AgentAsync(isStateless);
        Assert.Equal("I hear nothing", (await agent.CallAsync("deaf")).Text);

        await GoesOnAsync(patient, agent, "on", mayBeUnknown: true);
    }

    [Theory, MemberData(nameof(Everybody))]
    public async Task NoAnswer_IsNoSuccess(BackendKind kind, bool isStateless)
    {
        await using var patient = await Patient.StartAsync(kind, ["--json"], entry: "    call_timeout: 3");
        using var agent = await patient.AgentAsync(isStateless);
        await agent.ListAsync();
        string[] answers = ["""{"jsonrpc":"2.0","id":ID}""", """{"jsonrpc":"2.0","id":ID,"result":null}""", """{"jsonrpc":"2.0","id":ID,"result":[]}""", """{"jsonrpc":"2.0","id":ID,"result":""}""", """{"jsonrpc":"2.0","id":ID,"error":null}"""];
        foreach (var answer in answers.Select(a => $$"""{"message":{{Surfaces.Scripted.Quote(a)}}}""").Append(""))
        {
            var said = await agent.CallAsync(answer.Length > 0 ? "answer" : "nothing", answer.Length > 0 ? answer : "{}");
            Assert.True(said.IsToolError, answer + said.Body);
            Assert.StartsWith("blocked by oktsec: outcome_unknown", said.Text);
            Assert.Equal("outcome_unknown", patient.Gateway.Records("tools/call")[0].Outcome!.Decision);
        }
        Assert.Equal("on", (await agent.EchoAsync("on")).Text);
        Assert.Equal((answers.Length, 1), (patient.Calls("answer").Length, patient.Calls("nothing").Length));
    }

    [Theory, MemberData(nameof(Everybody))]
    public async Task Tools_ThatChange_AreAnnouncedAndCallable(BackendKind kind, bool isStateless)
    {
        await using var patient = await Patient.StartAsync(kind);
        using var agent = await patient.AgentAsync(isStateless);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await agent.ListAsync();
        await using var stream = await agent.ListenAsync(limit.Token);
        var heard = stream.MoveNextAsync();

        await agent.CallAsync("change_tools", """{"definition":{"name":"added","description":"New.","inputSchema":{"type":"object"}}}""");

        Assert.True(await heard);
        Assert.Equal("notifications/tools/list_changed", stream.Current);
        Assert.Contains("added", await agent.ListAsync());
    }

    [Theory, MemberData(nameof(Everybody))]
    public async Task Tools_OfAServerThatCameBackOtherwise_AreAnnouncedWithoutACall(BackendKind kind, bool isStateless)
    {
        await using var patient = await Patient.StartAsync(kind, script: """{"tools":[{"name":"old","inputSchema":{"type":"object"}}]}""");
        using var agent = await patient.AgentAsync(isStateless);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Assert.Contains("old", await agent.ListAsync());
        await using var stream = await agent.ListenAsync(limit.Token);
        var heard = stream.MoveNextAsync();
        await TestGateway.UntilAsync(() => patient.Gateway.Host.Parts.Sessions.All.Any(s => s.IsListening));

        patient.Script("""{"tools":[{"name":"new","inputSchema":{"type":"object"}}]}""");
        await patient.RestartAsync(agent);

        Assert.True(await heard);
        while (stream.Current != "notifications/tools/list_changed") // the server may have been asked about its other lists too
            Assert.True(await stream.MoveNextAsync());
        Assert.Equal("new was called", (await agent.CallAsync("new")).Text);
        var tools = await agent.ListAsync();
        Assert.Contains("new", tools);
        Assert.DoesNotContain("old", tools);
    }

    [Theory, MemberData(nameof(Everybody))]
    public async Task Down_ListsAreTheLastGoodOnesMarkedAndCallsSaySo(BackendKind kind, bool isStateless)
    {
        await using var patient = await Patient.StartAsync(kind);
        using var agent = await patient.AgentAsync(isStateless);
        var before = await agent.ListAsync();
        await agent.RequestAsync("resources/list");
        await patient.StopAsync(agent);

        for (var i = 0; i < 2; i++)
        {
            var list = (await agent.RequestAsync("tools/list")).Result!;
            Assert.Equal(before, list["tools"]!.AsArray().Select(t => (string)t!["name"]!));
            Assert.Equal("""["one"]""", list["_meta"]!["oktsec/degraded"]!.ToJsonString());
            if (isStateless)
                Assert.Equal(("complete", 0), ((string?)list["resultType"], (int)list["ttlMs"]!));
        }
        Assert.StartsWith("blocked by oktsec: backend_unavailable", (await agent.EchoAsync("x")).Text);
        Assert.Empty(patient.Calls("echo"));
        foreach (var uri in (string[])["test://one", "test://item/7"]) // listed, and from a template
            Assert.Contains("backend_unavailable", (await agent.RequestAsync("resources/read", $"\"uri\":\"{uri}\"")).Error!["message"]!.GetValue<string>());
    }

    [Theory, MemberData(nameof(Everybody))]
    public async Task Lists_ThatFail_AreTheLastGoodOnesMarked(BackendKind kind, bool isStateless)
    {
        await using var patient = await Patient.StartAsync(kind, ["--fail-lists", "__OWN__/fails"], more: "  two:\n    transport: stdio\n    command: dotnet\n    args: [\"" + TestGateway.ServerDll + "\"]\n");
        using var agent = await patient.AgentAsync(isStateless);
        var before = await agent.ListAsync();
        Assert.Contains("one_echo", before);
        File.WriteAllText(Path.Join(patient.Folder, "fails"), "");

        var list = (await agent.RequestAsync("tools/list")).Result!;

        Assert.Equal(before, list["tools"]!.AsArray().Select(t => (string)t!["name"]!));
        Assert.Equal("""["one"]""", list["_meta"]!["oktsec/degraded"]!.ToJsonString());
        Assert.Equal("still", (await agent.CallAsync("one_echo", """{"message":"still"}""")).Text);
    }

    [Theory, MemberData(nameof(Everybody))]
    public async Task Lists_ThatHang_AreTheLastGoodOnesMarkedAndDelayNoCall(BackendKind kind, bool isStateless)
    {
        var time = new ManualTime();
        await using var patient = await Patient.StartAsync(
            kind, ["--hang-lists", "__OWN__/hangs"], more: "  two:\n    transport: stdio\n    command: dotnet\n    args: [\"" + TestGateway.ServerDll + "\"]\n", time: time);
        using var agent = await patient.AgentAsync(isStateless);
        var before = await agent.ListAsync();
        File.WriteAllText(Path.Join(patient.Folder, "hangs"), "");

        // For the first it waits some seconds, for the next a moment; calls of it and of others wait for neither.
        foreach (var patience in new[] { TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(250) })
        {
            var asked = patient.ListsAsked();
            var listing = agent.RequestAsync("tools/list");
            await TestGateway.UntilAsync(() => patient.ListsAsked() > asked);
            Assert.Equal("still", (await agent.CallAsync("one_echo", """{"message":"still"}""")).Text);
            Assert.Equal("others", (await agent.CallAsync("two_echo", """{"message":"others"}""")).Text);
            Assert.False(listing.IsCompleted);
            await TestGateway.UntilAsync(() => Passed(time, patience, listing));
            var list = (await listing).Result!;
            Assert.Equal(before, list["tools"]!.AsArray().Select(t => (string)t!["name"]!));
            Assert.Equal("""["one"]""", list["_meta"]!["oktsec/degraded"]!.ToJsonString());
        }

        // Once it lists again, so do we.
        File.Delete(Path.Join(patient.Folder, "hangs"));
        Assert.Null((await agent.RequestAsync("tools/list")).Result!["_meta"]?["oktsec/degraded"]);
    }

    // The answer of the other may come a moment later than the question to this one, and with it the end of the waiting.
    private static bool Passed(ManualTime time, TimeSpan patience, Task listing)
    {
        time.Advance(patience);
        return listing.IsCompleted;
    }

    [Theory, MemberData(nameof(Everybody))]
    public async Task List_OfTheOnlyBackend_ThatHangs_IsTheLastGoodOneMarked(BackendKind kind, bool isStateless)
    {
        var time = new ManualTime();
        await using var patient = await Patient.StartAsync(kind, ["--hang-lists", "__OWN__/hangs"], time: time);
        using var agent = await patient.AgentAsync(isStateless);
        var before = await agent.ListAsync();
        File.WriteAllText(Path.Join(patient.Folder, "hangs"), "");

        var asked = patient.ListsAsked();
        var listing = agent.RequestAsync("tools/list");
        await TestGateway.UntilAsync(() => patient.ListsAsked() > asked);
        Assert.Equal("still", (await agent.EchoAsync("still")).Text);
        await TestGateway.UntilAsync(() => Passed(time, TimeSpan.FromSeconds(5), listing));

        var list = (await listing).Result!;
        Assert.Equal(before, list["tools"]!.AsArray().Select(t => (string)t!["name"]!));
        Assert.Equal("""["one"]""", list["_meta"]!["oktsec/degraded"]!.ToJsonString());
    }

    [Theory, MemberData(nameof(Everybody))]
    public async Task List_OfTheOnlyBackend_ThatHangsFromTheFirstOn_IsAnErrorInTime(BackendKind kind, bool isStateless)
    {
        var time = new ManualTime();
        await using var patient = await Patient.StartAsync(kind, ["--hang-lists", "__OWN__/script.json"], time: time); // a file that is there
        using var agent = await patient.AgentAsync(isStateless);

        var asked = 0;
        foreach (var patience in new[] { TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(250) })
        {
            var listing = agent.RequestAsync("tools/list");
            asked++;
            await TestGateway.UntilAsync(() => File.Exists(Path.Join(patient.Folder, "received")) && patient.ListsAsked() == asked);
            Assert.False(listing.IsCompleted);
            await TestGateway.UntilAsync(() => Passed(time, patience, listing));
            Assert.Contains("backend_unavailable", (await listing).Error!["message"]!.GetValue<string>());
        }
        Assert.All(patient.Gateway.Records("tools/list").Take(2), r => Assert.Equal("backend_unavailable", r.Decision));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lists_OfBackendsNobodyEverHeard_AreNoEmptySuccess(bool isStateless)
    {
        await using var gateway = await TestGateway.StartAsync("mcp_servers:\n" + TestGateway.Backend("one", "--fail-start", "3") + TestGateway.Backend("two", "--fail-start", "3"));
        using var session = await gateway.ConnectAsync();
        using var modern = new Stateless.StatelessAgent(gateway);

        var list = await (isStateless ? modern.RequestAsync("tools/list") : session.RequestAsync("tools/list", "{}"));

        Assert.Contains("backend_unavailable", list.Error!["message"]!.GetValue<string>());
        Assert.Equal("backend_unavailable", gateway.Records("tools/list")[0].Entry.Decision);
    }

    /// <param name="mayBeUnknown">A kept connection, or a pipe, may take one call more whose end nobody will hear of: then the agent is told so, once.</param>
    private static async Task GoesOnAsync(Patient patient, Visitor agent, string text, bool mayBeUnknown)
    {
        var answer = await agent.EchoAsync(text);
        if (mayBeUnknown && answer.IsToolError)
        {
            Assert.StartsWith("blocked by oktsec: outcome_unknown", answer.Text);
            Assert.Equal("outcome_unknown", patient.Gateway.Records("tools/call")[0].Outcome!.Decision);
            text += ", again";
            answer = await agent.EchoAsync(text);
        }
        Assert.Equal(text, answer.Text);
        Assert.Single(patient.Calls("echo"), l => l.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lists_WithOneBackendNobodyEverHeard_NameIt()
    {
        await using var gateway = await TestGateway.StartAsync("mcp_servers:\n" + TestGateway.Backend("one", "--fail-start", "3") + TestGateway.Backend("two"));
        using var agent = await gateway.ConnectAsync();
        var list = (await agent.RequestAsync("tools/list", "{}")).Result!;
        Assert.NotEmpty(list["tools"]!.AsArray());
        Assert.Equal("""["one"]""", list["_meta"]!["oktsec/degraded"]!.ToJsonString());
    }
}
