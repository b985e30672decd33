namespace Oktsec.Tests.Peers;

/// <summary>What a client gets through the gateway equals what it gets directly, field by field: one backend at a time, initialize included.</summary>
public sealed class GatewayEqualityTests
{
    [Theory]
    [InlineData("stdio", ClientRole.Csharp)]
    [InlineData("stdio", ClientRole.TypeScript)]
    [InlineData("http", ClientRole.Csharp)]
    [InlineData("http", ClientRole.TypeScript)]
    [InlineData("sse", ClientRole.Csharp)]
    [InlineData("sse", ClientRole.TypeScript)]
    public async Task Everything_ThroughTheGateway_EqualsDirect(string transport, string client)
    {
        await using var server = await PeerServers.EverythingAsync(transport);
        await AssertEqualAsync(server.Target, PeerServers.EverythingPlan() with { HasRepeats = transport == "http" && client == ClientRole.TypeScript }, client);
    }

    [Theory]
    [InlineData(ClientRole.Csharp)]
    [InlineData(ClientRole.TypeScript)]
    public async Task Filesystem_ThroughTheGateway_EqualsDirect(string client)
    {
        using var folder = new TemporaryFolder();
        var files = Path.Combine(folder.Path, "files");
        await AssertEqualAsync(PeerServers.Filesystem(files), PeerServers.FilesystemPlan(files), client);
    }

    [Theory]
    [InlineData(ClientRole.Csharp)]
    [InlineData(ClientRole.TypeScript)]
    public async Task MemoryAndThinking_ThroughTheGateway_EqualDirect(string client)
    {
        using var folder = new TemporaryFolder();
        var memory = Path.Combine(folder.Path, "memory.jsonl");
        await AssertEqualAsync(PeerServers.Memory(memory), PeerServers.MemoryPlan(memory), client);
        await AssertEqualAsync(PeerServers.SequentialThinking(), PeerServers.SequentialThinkingPlan(), client);
    }

    [Theory]
    [InlineData(ClientRole.Csharp)]
    [InlineData(ClientRole.TypeScript)]
    public async Task Postgres_ThroughTheGateway_EqualsDirect(string client)
    {
        await using var database = await PostgresServer.StartAsync();
        await AssertEqualAsync(PeerServers.Postgres(database.Url), PeerServers.PostgresPlan(), client);
    }

    private static async Task AssertEqualAsync(PeerTarget target, WalkPlan plan, string client)
    {
        plan.Reset();
        WalkRecord direct;
        await using (var peer = await ClientRole.ConnectAsync(client, target, plan))
            direct = await Walk.DirectAsync(peer, plan);

        plan.Reset();
        await using var gateway = await GatewayProcess.StartAsync([(plan.Name, target)]);
        await using (var peer = await ClientRole.ConnectAsync(client, gateway.As("peer"), plan))
            (await Walk.ThroughAsync(peer, plan, direct)).AssertEqualTo(direct);
    }
}
