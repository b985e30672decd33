using Oktsec.Core.Audit;

namespace Oktsec.Tests.Gateway;

/// <summary>A full quarantine: everything that would be held is denied all the same, says why, and is recorded.</summary>
public sealed class QuarantineLimitTests
{
    private const string Limited = "\nquarantine: { max_bytes: 1MiB }\nrules:\n  - { id: TC-002, action: quarantine }\n";

    [Fact]
    public async Task Call_QuarantineIsFull_IsDeniedWithTheReasonAndRecorded()
    {
        await using var gateway = await TestGateway.StartAsync("mcp_servers:\n" + TestGateway.Backend("one") + Limited);
        using var agent = await gateway.ConnectAsync();
        var call = $$"""{"path":"/etc/shadow","filler":"{{new string(' ', 600_000)}}"}""";

        var first = await agent.CallAsync("echo", call);
        var second = await agent.CallAsync("echo", call);

        Assert.Matches("^blocked by oktsec: quarantined q-[0-9a-f]{8}, TC-002", first.Text);
        Assert.StartsWith("blocked by oktsec: quarantined (not kept: the quarantine is full (quarantine.max_bytes)), TC-002", second.Text);
        Assert.Null(second.Result!["_meta"]!["oktsec/decision"]!["quarantine"]);
        Assert.Empty(gateway.CallsReceived("one"));
        var records = gateway.Records("tools/call");
        Assert.All(records, r => Assert.Equal(("content_quarantined", AuditStatus.Quarantined), (r.Entry.Decision, r.Entry.Status)));
        Assert.Equal(("", "not kept: the quarantine is full (quarantine.max_bytes)"), (records[0].Entry.HeldId, records[0].Entry.Detail));
        Assert.NotEqual("", records[1].Entry.HeldId);
        Assert.False((await agent.CallAsync("echo", """{"message":"and all else goes on"}""")).IsToolError);
    }
}
