using Oktsec.Identity;
using Oktsec.Tests.Gateway;
using Oktsec.Tests.Gateway.Stateless;
using Oktsec.Tests.Support;
using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Identity;

/// <summary>
/// What is open when a token stops to count: nothing more is delivered from that moment on, and within a second the streams end, the calls under way are
/// cancelled and the sessions are gone. An agent that is suspended hears nothing more either, not even the result it waits for.
/// </summary>
public sealed class OpenStreamTests
{
    private static readonly CancellationToken s_cancel = TestContext.Current.CancellationToken;

    // Until a slow reply becomes a stream in every revision.
    private static readonly TimeSpan s_streamBegins = TimeSpan.FromSeconds(16);

    public static TheoryData<bool, bool> Ends { get; } = new() { { true, false }, { true, true }, { false, false }, { false, true } };

    private static string Yaml(bool shared) => "mcp_servers:\n" + TestGateway.Backend("one").TrimEnd('\n') + $"\n    shared: {(shared ? "true" : "false")}\n";

    private const string Agents = "agents: { bob: {}, eve: {} }\n";

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Token_ThatStopsToCount_EndsListenAndTheCallUnderWay(bool isRevoked, bool shared)
    {
        var time = new ManualTime();
        await using var gateway = await TestGateway.StartAsync(Yaml(shared) + Agents, time: time);
        var (token, secret) = await TokenDesk.IssueAsync(gateway.Host.Parts.Store, "bob", time.GetUtcNow().AddMinutes(1), time);
        using var session = gateway.Agent(null);
        session.Headers["Authorization"] = "Bearer " + secret;
        await session.InitializeAsync();
        using var modern = new StatelessAgent(gateway, name: null);
        (string, string?) bearer = ("Authorization", "Bearer " + secret);

        // A call in each revision, streaming already, and a stream of changes.
        var sent = new[] { session.PostAsync(Messages("late", 7)), modern.PostAsync(modern.Body("tools/call", "\"name\":\"late\",\"arguments\":{}"), s_cancel, bearer) };
        await TestGateway.UntilAsync(() => gateway.CallsReceived("one").Length == 2);
        time.Advance(s_streamBegins);
        var calls = new List<OpenStream>();
        foreach (var call in sent)
            calls.Add(await OpenStream.OfAsync(call));
        using var listen = await OpenStream.OfAsync(modern.PostAsync(modern.Body("subscriptions/listen", "\"notifications\":{\"toolsListChanged\":true}"), s_cancel, bearer));
        await listen.NextAsync();

        if (isRevoked)
            await gateway.Host.Parts.Store.RevokeTokenAsync(token.Id, s_cancel);
        else
            time.Advance(TimeSpan.FromMinutes(1));
        time.Advance(TimeSpan.FromSeconds(1));

        foreach (var call in calls)
        {
            // The server answers a cancelled call all the same, and nobody is told.
            Assert.DoesNotContain("too late", await call.RestAsync());
            call.Dispose();
        }
        Assert.Equal("complete", (string?)(await listen.NextAsync())["result"]!["resultType"]);
        Assert.Equal("", await listen.RestAsync());
        await TestGateway.UntilAsync(() => gateway.Host.Parts.Sessions.Count == 0);
        if (shared) // one of its own is stopped with its session
            await TestGateway.UntilAsync(() => gateway.ReceivedWith("one", "notifications/cancelled").Length == 2);
    }

    [Fact]
    public async Task Token_Revoked_NothingIsDeliveredFromThatMomentOn()
    {
        var time = new ManualTime(); // nobody looks at tokens by the clock meanwhile
        await using var gateway = await TestGateway.StartAsync(Yaml(shared: true) + Agents, time: time);
        var (token, secret) = await TokenDesk.IssueAsync(gateway.Host.Parts.Store, "bob", null, time);
        using var bob = new StatelessAgent(gateway, name: null);
        (string, string?) bearer = ("Authorization", "Bearer " + secret);
        using var eve = new StatelessAgent(gateway, "eve");
        using var listen = await OpenStream.OfAsync(bob.PostAsync(bob.Body("subscriptions/listen", "\"notifications\":{\"resourceSubscriptions\":[\"test://one\"]}"), s_cancel, bearer));
        await listen.NextAsync();
        var held = bob.SendAsync(bob.Body("tools/call", "\"name\":\"hold\",\"arguments\":{\"name\":\"x\"}"), bearer);
        await TestGateway.UntilAsync(() => gateway.CallsReceived("one").Length == 1);

        await gateway.Host.Parts.Store.RevokeTokenAsync(token.Id, s_cancel);
        await eve.CallAsync("update_resource", """{"uri":"test://one"}""");
        await eve.CallAsync("release", """{"name":"x"}""");

        var answer = await held;
        Assert.DoesNotContain("held until released", answer.Body);
        Assert.Contains("blocked by oktsec: unauthenticated", answer.Body);
        var outcome = gateway.Records("tools/call").Single(r => r.Entry.Agent == "bob").Outcome!;
        Assert.Equal(("unauthenticated", Core.Audit.AuditStatus.Rejected), (outcome.Decision, outcome.Status));
        await TestGateway.UntilAsync(() => gateway.Said("notifications/resources/updated").Any(e => e.Agent == "bob"));
        Assert.All(gateway.Said("notifications/resources/updated").Where(e => e.Agent == "bob"), e => Assert.Equal("unauthenticated", e.Decision));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("complete", (string?)(await listen.NextAsync())["result"]?["resultType"]); // the first thing since its acknowledgement
    }

    [Fact]
    public async Task Agent_SuspendedDuringACall_DoesNotGetItsResult()
    {
        await using var gateway = await TestGateway.StartAsync(Yaml(shared: true) + Agents);
        using var bob = new StatelessAgent(gateway, "bob");
        using var eve = new StatelessAgent(gateway, "eve");
        var held = bob.CallAsync("hold", """{"name":"x"}""");
        await TestGateway.UntilAsync(() => gateway.CallsReceived("one").Length == 1);

        await gateway.ReloadAsync(Yaml(shared: true) + "agents: { bob: { suspended: true }, eve: {} }\n");
        await eve.CallAsync("release", """{"name":"x"}""");

        Assert.StartsWith("blocked by oktsec: agent_suspended", (await held).Text);
        Assert.Equal("agent_suspended", gateway.Records("tools/call").Single(r => r.Entry.Agent == "bob").Outcome!.Decision);
    }

    private static string Messages(string tool, int id) =>
        $$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{} } }""";
}
