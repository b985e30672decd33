namespace Oktsec.Tests.Peers;

/// <summary>The measure itself: two direct walks must be equal, else a difference through the gateway would mean nothing.</summary>
public sealed class DirectWalkTests
{
    [Theory]
    [InlineData("stdio", ClientRole.Csharp)]
    [InlineData("http", ClientRole.TypeScript)]
    public async Task Everything_WalkedTwice_IsEqualToItself(string transport, string client)
    {
        await using var server = await PeerServers.EverythingAsync(transport);
        await AssertEqualToItselfAsync(server.Target, PeerServers.EverythingPlan() with { HasRepeats = transport == "http" && client == ClientRole.TypeScript }, client, leastValues: 90);
    }

    [Theory]
    [InlineData(ClientRole.Csharp)]
    [InlineData(ClientRole.TypeScript)]
    public async Task Files_WalkedTwice_AreEqualToThemselves(string client)
    {
        using var folder = new TemporaryFolder();
        var files = Path.Combine(folder.Path, "files");
        await AssertEqualToItselfAsync(PeerServers.Filesystem(files), PeerServers.FilesystemPlan(files), client, leastValues: 90);
        var memory = Path.Combine(folder.Path, "memory.jsonl");
        await AssertEqualToItselfAsync(PeerServers.Memory(memory), PeerServers.MemoryPlan(memory), client, leastValues: 40);
        await AssertEqualToItselfAsync(PeerServers.SequentialThinking(), PeerServers.SequentialThinkingPlan(), client, leastValues: 15);
    }

    [Theory]
    [InlineData(ClientRole.Csharp)]
    [InlineData(ClientRole.TypeScript)]
    public async Task Postgres_WalkedTwice_IsEqualToItself(string client)
    {
        await using var database = await PostgresServer.StartAsync();
        await AssertEqualToItselfAsync(PeerServers.Postgres(database.Url), PeerServers.PostgresPlan(), client, leastValues: 8);
    }

    private static async Task AssertEqualToItselfAsync(PeerTarget target, WalkPlan plan, string client, int leastValues)
    {
        var first = await DirectAsync(target, plan, client);
        var second = await DirectAsync(target, plan, client);
        second.AssertEqualTo(first);
        Assert.True(first.Count >= leastValues, $"{plan.Name}: the walk saw only {first.Count} values");
        Assert.True(first.Count < 400, $"{plan.Name}: {first.Count} values: the generator ran away");
    }

    private static async Task<WalkRecord> DirectAsync(PeerTarget target, WalkPlan plan, string client)
    {
        plan.Reset();
        await using var peer = await ClientRole.ConnectAsync(client, target, plan);
        return await Walk.DirectAsync(peer, plan);
    }
}
