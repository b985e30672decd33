using Oktsec.Tests.Peers;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.StdioProxy;

/// <summary>What a client gets through the proxy equals what it gets directly, field by field, initialize included.</summary>
public sealed class ProxyEqualityTests
{
    [Theory]
    [InlineData("", ClientRole.Csharp)]
    [InlineData("", ClientRole.TypeScript)]
    [InlineData("--enforce --inspect-responses", ClientRole.TypeScript)]
    public async Task Everything_ThroughTheProxy_EqualsDirect(string options, string client)
    {
        await using var server = await PeerServers.EverythingAsync("stdio");
        await AssertEqualAsync(server.Target, PeerServers.EverythingPlan(), client, options);
    }

    [Theory]
    [InlineData("", ClientRole.Csharp)]
    [InlineData("", ClientRole.TypeScript)]
    [InlineData("--enforce --inspect-responses", ClientRole.Csharp)]
    public async Task Filesystem_ThroughTheProxy_EqualsDirect(string options, string client)
    {
        using var folder = new TemporaryFolder();
        var files = Path.Combine(folder.Path, "files");
        await AssertEqualAsync(PeerServers.Filesystem(files), PeerServers.FilesystemPlan(files), client, options);
    }

    [Theory]
    [InlineData("", ClientRole.Csharp)]
    [InlineData("", ClientRole.TypeScript)]
    [InlineData("--enforce --inspect-responses", ClientRole.TypeScript)]
    public async Task MemoryAndThinking_ThroughTheProxy_EqualDirect(string options, string client)
    {
        using var folder = new TemporaryFolder();
        var memory = Path.Combine(folder.Path, "memory.jsonl");
        await AssertEqualAsync(PeerServers.Memory(memory), PeerServers.MemoryPlan(memory), client, options);
        await AssertEqualAsync(PeerServers.SequentialThinking(), PeerServers.SequentialThinkingPlan(), client, options);
    }

    [Theory]
    [InlineData("http", "", ClientRole.Csharp)]
    [InlineData("sse", "", ClientRole.TypeScript)]
    [InlineData("http", "--enforce --inspect-responses", ClientRole.TypeScript)]
    public async Task Everything_ThroughTheBridge_EqualsDirect(string transport, string options, string client)
    {
        await using var server = await PeerServers.EverythingAsync(transport);
        await AssertEqualAsync(server.Target, PeerServers.EverythingPlan() with { HasRepeats = transport == "http" && client == ClientRole.TypeScript }, client, options);
    }

    private static async Task AssertEqualAsync(PeerTarget target, WalkPlan plan, string client, string options)
    {
        plan.Reset();
        WalkRecord direct;
        await using (var peer = await ClientRole.ConnectAsync(client, target, plan))
            direct = await Walk.DirectAsync(peer, plan);

        plan.Reset();
        using var home = new TempFolder();
        var start = ProxyProcess.Executable(home, []);
        string[] words = ["proxy", "--agent", plan.Name, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. target.Url is null ? ["--", target.Command, .. target.Args] : (string[])["--url", target.Url.ToString()]];
        var wrapped = PeerTarget.Stdio(start.FileName, words) with { Env = new Dictionary<string, string>(target.Env) { ["HOME"] = home.Path } };
        await using (var peer = await ClientRole.ConnectAsync(client, wrapped, plan))
            (await Walk.ThroughAsync(peer, plan, direct)).AssertEqualTo(direct);
        Assert.NotEmpty(ProxyProcess.RecordsOf(home[".oktsec/oktsec.db"]));
    }
}
