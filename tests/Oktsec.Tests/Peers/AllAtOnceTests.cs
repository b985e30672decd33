namespace Oktsec.Tests.Peers;

/// <summary>All servers behind one gateway at once, with names in conflict: each still equals itself, under the names the gateway gives.</summary>
public sealed class AllAtOnceTests
{
    [Theory]
    [InlineData(ClientRole.Csharp)]
    [InlineData(ClientRole.TypeScript)]
    public async Task EightBackends_BehindOneGateway_EachEqualsDirect(string client)
    {
        using var folder = new TemporaryFolder();
        await using var database = await PostgresServer.StartAsync();
        await using var overHttp = await PeerServers.EverythingAsync("http");
        await using var overSse = await PeerServers.EverythingAsync("sse");
        var overStdio = await PeerServers.EverythingAsync("stdio");
        var memory = Path.Combine(folder.Path, "memory.jsonl");
        // One folder for both: the server takes the client's root in place of the folder of its command line.
        var files = Path.Combine(folder.Path, "files");
        var root = new Uri(files);
        (PeerTarget Target, WalkPlan Plan, Exposure Exposure)[] backends =
        [
            (overStdio.Target, Everything("ev_stdio"), Prefixed("ev_stdio", ownsUris: true)),
            (overHttp.Target, Everything("ev_http"), Prefixed("ev_http", ownsUris: false)),
            (overSse.Target, Everything("ev_sse"), Prefixed("ev_sse", ownsUris: false)),
            (PeerServers.Filesystem(files), PeerServers.FilesystemPlan(files, "fs1"), Prefixed("fs1", ownsUris: true)),
            (PeerServers.Filesystem(files), PeerServers.FilesystemPlan(files, "fs2"), Prefixed("fs2", ownsUris: true)),
            (PeerServers.Memory(memory), PeerServers.MemoryPlan(memory), Alone),
            (PeerServers.Postgres(database.Url), PeerServers.PostgresPlan(), Alone),
            (PeerServers.SequentialThinking(), PeerServers.SequentialThinkingPlan(), Alone),
        ];

        var direct = new List<WalkRecord>();
        foreach (var (target, plan, _) in backends)
        {
            plan.Reset();
            await using var peer = await ClientRole.ConnectAsync(client, target, plan with { Root = root });
            direct.Add(await Walk.DirectAsync(peer, plan));
        }

        backends[3].Plan.Reset();
        await using var gateway = await GatewayProcess.StartAsync(backends.Select(b => (b.Plan.Name, b.Target)));
        await using var through = await ClientRole.ConnectAsync(client, gateway.As("peer"), backends[3].Plan);
        foreach (var (i, (_, plan, exposure)) in backends.Index())
        {
            plan.Reset();
            (await Walk.AmongOthersAsync(through, plan, exposure, direct[i])).AssertEqualTo(direct[i]);
        }
        var listed = await ToolsAsync(through);
        Assert.Equal(direct.Sum(d => d.Keys.Count(k => k.StartsWith("tools/list ", StringComparison.Ordinal))), listed.Length);
        Assert.Contains("fs1_read_file", listed);
        Assert.Contains("fs2_read_file", listed);
        Assert.DoesNotContain("read_file", listed);
        Assert.Contains("query", listed);
    }

    private static Exposure Alone { get; } = new(n => n, n => n, u => u);

    private static Exposure Prefixed(string backend, bool ownsUris) => new(
        tool => $"{backend}_{tool}",
        prompt => $"{backend}_{prompt}",
        uri => ownsUris ? uri : $"oktsec://{backend}/{Uri.EscapeDataString(uri)}");

    private static WalkPlan Everything(string name) => PeerServers.EverythingPlan(name) with { Extra = EverythingWalk.AmongOthersAsync, HasRepeats = name == "ev_http" };

    private static async Task<string[]> ToolsAsync(IPeerClient client)
    {
        var names = new List<string>();
        string? cursor = null;
        do
        {
            var page = await client.AskAsync("tools/list", cursor is null ? [] : new System.Text.Json.Nodes.JsonObject { ["cursor"] = cursor });
            names.AddRange(page.Result!["tools"]!.AsArray().Select(t => (string)t!["name"]!));
            cursor = (string?)page.Result["nextCursor"];
        }
        while (cursor is not null);
        return [.. names];
    }
}
