using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Oktsec.Core.Audit;
using Oktsec.Tests.Peers;
using Oktsec.Tests.StdioProxy;

namespace Oktsec.Tests.Clients;

/// <summary>
/// The real clients in a home of their own, each with a server that it starts and one at an address: wrapped, it reaches both through oktsec,
/// which its own health check says and our records show; unwrapped, its file is what it was, byte for byte.
/// </summary>
public sealed class AgentClientTests
{
    private static readonly string[] s_servers = ["near", "far"];

    public static TheoryData<string> Ids => [.. AgentClient.All.Select(c => c.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Client_Wrapped_ReachesItsServersThroughUs_AndUnwrapGivesTheBytesBack(string id)
    {
        var client = AgentClient.All.Single(c => c.Id == id);
        using var home = new AgentClientHome();
        await using var far = await PeerServers.EverythingAsync("http");
        await AddAsync(home, client, far.Target.Url!.ToString());
        await AssertConnectsAsync(home, client);
        var original = File.ReadAllBytes(home[client.File]);

        var (code, output) = await home.OktsecAsync("wrap", client.Id, "--enforce");
        Assert.True(code == 0, output);
        var wrapped = File.ReadAllText(home[client.File]);
        Assert.Equal(2, Regex.Count(wrapped, "--inspect-responses"));
        Assert.DoesNotContain("X-Key: ", wrapped, StringComparison.Ordinal); // no value of a header on a command line
        Assert.DoesNotContain("a-long-secret-value", output, StringComparison.Ordinal);

        await AssertConnectsAsync(home, client);
        if (client.Check is not null)
        {
            var records = ProxyProcess.RecordsOf(home[".oktsec/oktsec.db"]);
            foreach (var agent in s_servers)
                Assert.Contains(records, r => r.Entry is { Method: "initialize" or "tools/list", Door: "proxy" } && r.Entry.Agent == agent && r.Status == AuditStatus.Delivered);
        }

        (code, output) = await home.OktsecAsync("unwrap", client.Id);
        Assert.True(code == 0, output);
        Assert.Equal(original, File.ReadAllBytes(home[client.File]));
    }

    private static async Task AddAsync(AgentClientHome home, AgentClient client, string url)
    {
        var script = PeerPaths.Script("@modelcontextprotocol/server-everything", "dist/index.js");
        if (client.Text is { } text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(home[client.File])!);
            File.WriteAllText(home[client.File], text.Replace("SCRIPT", script, StringComparison.Ordinal).Replace("URL", url, StringComparison.Ordinal));
            return;
        }
        foreach (var command in (string[][])[[.. client.AddLocal, "node", script], [.. client.AddRemote.Select(a => a == "URL" ? url : a)]])
        {
            var (code, output) = await home.RunAsync(client, command);
            Assert.True(code == 0, output);
        }
    }

    private static async Task AssertConnectsAsync(AgentClientHome home, AgentClient client)
    {
        if (client.Check is not { } check)
            return;
        if (client.Id == "codex")
        {
            await using var codex = CodexAppServer.Start(home, client);
            var servers = await codex.ServersAsync();
            foreach (var server in s_servers)
                Assert.Equal("mcp-servers/everything", (string?)servers.Single(s => (string?)s!["name"] == server)!["serverInfo"]?["name"]);
            return;
        }
        // The clients wait for a server as long as they see fit, Gemini 5 s, with or without us. A busy machine is asked again.
        var output = "";
        for (var attempt = 0; attempt < 5; attempt++)
        {
            (var code, output) = await home.RunAsync(client, check);
            Assert.True(code == 0, output);
            if (s_servers.All(server => Regex.IsMatch(output, $@"\b{server}\b.*(?<![A-Za-z])[Cc]onnected")))
                return;
        }
        Assert.Fail($"{string.Join(" and ", s_servers)} are not both connected:\n{output}");
    }
}
