using System.Net;
using Oktsec.Core.Audit;
using Oktsec.Identity;

namespace Oktsec.Tests.Gateway;

/// <summary>A machine's clock is set while the gateway runs, by a day in either direction: nothing opens, nobody is locked out, and the records keep their order.</summary>
public sealed class ClockTests
{
    private const string Servers = "mcp_servers:\n";

    public static TheoryData<int> Days => [-1, 1, -10_000, 10_000];

    [Theory, MemberData(nameof(Days))]
    public async Task RateLimit_WindowsAndSessions_GoByTheTimeThatPasses(int days)
    {
        var clock = new SetClock();
        await using var gateway = await TestGateway.StartAsync(Servers + TestGateway.Backend("one") + "rate_limit: { per_agent: 4, window: 3600 }\nlimits: { session_idle: 60 }\n", time: clock);
        using var agent = await gateway.ConnectAsync(); // 1
        for (var i = 0; i < 3; i++)
        {
            Assert.False((await agent.CallAsync("echo", """{"message":"m"}""")).IsToolError);
            clock.Set(TimeSpan.FromDays(days * (i + 1)));
        }
        Assert.StartsWith("blocked by oktsec: rate_limited", (await agent.CallAsync("echo", """{"message":"over"}""")).Text);
        clock.Set(TimeSpan.Zero);
        Assert.StartsWith("blocked by oktsec: rate_limited", (await agent.CallAsync("echo", """{"message":"over"}""")).Text);
        Assert.NotNull((await agent.RequestAsync("ping", "{}")).Result); // the session is where it was
        Assert.Equal(3, gateway.CallsReceived("one").Length);

        var records = gateway.Records("tools/call");
        Assert.Equal(["rate_limited", "rate_limited", "allow", "allow", "allow"], records.Select(r => r.Decision)); // newest first, whatever they say of the time
        Assert.Equal(5, records.Select(r => r.Entry.Id).Distinct().Count());
        Assert.All(records, r => Assert.True(!r.Entry.AwaitsOutcome || r.Outcome is not null));
        var since = gateway.Host.Parts.Store.Query(new AuditQuery { Limit = 100, Since = clock.GetUtcNow() - TimeSpan.FromHours(1) });
        Assert.Contains(since, r => r.Entry.Id == records[0].Entry.Id); // what happened in the last hour by today's clock is found
    }

    [Fact]
    public async Task Token_ThatExpires_DoesSoByTheClock_AndCountsAgainWhenThatWasWrong()
    {
        var clock = new SetClock();
        await using var gateway = await TestGateway.StartAsync(Servers + TestGateway.Backend("one") + "agents: { bob: {} }\n", time: clock);
        var (_, secret) = await TokenDesk.IssueAsync(gateway.Host.Parts.Store, "bob", clock.GetUtcNow() + TimeSpan.FromHours(1), clock);
        using var agent = gateway.Agent(null);
        agent.Headers["Authorization"] = "Bearer " + secret;
        await agent.InitializeAsync();
        Assert.False((await agent.CallAsync("echo", """{"message":"m"}""")).IsToolError);

        clock.Set(TimeSpan.FromHours(2));
        Assert.Equal(HttpStatusCode.Unauthorized, (await agent.CallAsync("echo", """{"message":"late"}""")).Status);
        Assert.Equal("unauthenticated", gateway.Records("tools/call")[0].Decision);

        clock.Set(TimeSpan.FromDays(-1)); // its issue lies in the future now
        await agent.InitializeAsync(); // a look in between may have ended the session
        Assert.False((await agent.CallAsync("echo", """{"message":"m"}""")).IsToolError);
        Assert.DoesNotContain(gateway.CallsReceived("one"), l => l.Contains("late", StringComparison.Ordinal));
    }

    /// <summary>Somebody sets the clock; time itself passes as ever.</summary>
    private sealed class SetClock : TimeProvider
    {
        private long _by;

        public void Set(TimeSpan by) => Interlocked.Exchange(ref _by, by.Ticks);

        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2060, 1, 1, 0, 0, 0, TimeSpan.Zero) + GetElapsedTime(0) + TimeSpan.FromTicks(Interlocked.Read(ref _by));
    }
}
