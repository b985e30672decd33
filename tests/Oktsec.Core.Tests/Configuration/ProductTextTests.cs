using Oktsec.Core.Configuration;

namespace Oktsec.Core.Tests.Configuration;

/// <summary>Every YAML block that users were promised loads, and says what the text says it does.</summary>
public sealed class ProductTextTests
{
    public static TheoryData<string> Blocks => [.. Directory.GetFiles(Path.Join(Repository.Root, "tests/Oktsec.Core.Tests/Configuration/Texts"), "*.yaml").Order()];

    public static TheoryData<string> Examples => [.. Directory.GetFiles(Path.Join(Repository.Root, "examples"), "*.yaml").Order()];

    [Theory]
    [MemberData(nameof(Blocks))]
    [MemberData(nameof(Examples))]
    public void Read_BlockOfATextOrExample_HasNoErrors(string path)
    {
        var result = ConfigReader.Read(File.ReadAllText(path), path, Sample.Environment);

        Assert.DoesNotContain(result.Problems, p => p.Kind == ProblemKind.Error);
        Assert.NotNull(result.Config);
    }

    [Fact]
    public void Examples_EachTextBlock_HasItsExample()
    {
        Assert.Equal(Blocks.Select(b => Path.GetFileName(b.Data)), Examples.Select(e => Path.GetFileName(e.Data)));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Examples_FilesTheyName_Exist(string path)
    {
        var config = ConfigReader.Read(File.ReadAllText(path), path, Sample.Environment).Config!;

        Assert.All(config.McpServers.SelectMany(b => b.Args.Where(a => a.StartsWith("./", StringComparison.Ordinal)).Select(a => Path.Join(b.Cwd, a))), file => Assert.True(Path.Exists(file), file));
    }

    [Fact]
    public void Read_GatewayAnnouncement_SaysWhatTheTextSays()
    {
        var config = Sample.Config(Block("oktsec-gateway.yaml"));

        Assert.Equal(9090, config.Gateway.Port);
        Assert.True(config.Gateway.ScanResponses);
        Assert.Equal(["filesystem", "postgres", "github"], config.McpServers.Select(b => b.Name));
        Assert.Equal(["-y", "@modelcontextprotocol/server-filesystem", "/data"], config.McpServers[0].Args);
        Assert.Equal(("http", "https://mcp.github.com/sse"), (config.McpServers[2].Transport, config.McpServers[2].Url));
        Assert.Equal(["read_file", "list_directory", "query"], config.Agents["data-analyst"].AllowedTools);
        Assert.Equal(["credentials"], config.Agents["data-analyst"].BlockedContent);
        Assert.Equal((100, TimeSpan.FromMinutes(1)), (config.RateLimit.PerAgent, config.RateLimit.Window));
        Assert.Equal(["blocked", "quarantined"], Assert.Single(config.Webhooks).Events);
        Assert.False(config.DefaultAllow);
    }

    [Fact]
    public void Read_HardenedGateway_HasEnvironmentHeadersAndTheFilesFolder()
    {
        var config = Sample.Config(Block("gateway-hardening.yaml"));

        Assert.Equal("localhost", config.McpServers[1].Env["DB_HOST"]);
        Assert.Equal(Sample.Folder, config.McpServers[1].Cwd);
        Assert.Equal("Bearer ghp_xxx", config.McpServers[2].Headers["Authorization"]);
    }

    [Fact]
    public void Read_CodingAgent_OverridesRulesAndWarnsOfTheUnknownWebhook()
    {
        var result = Sample.Read(Block("coding-agent.yaml"));

        Assert.Equal(["credentials", "exfiltration", "command-execution"], result.Config!.Agents["coding-agent"].BlockedContent);
        Assert.Equal([("IAP-007", RuleOverrideAction.Block), ("IAP-011", RuleOverrideAction.Block)], result.Config.Rules.Select(r => (r.Id, r.Action!.Value)));
        Assert.Contains(result.Problems, p => p.Path == "rules[0].notify[0]" && p.Message.Contains("slack-security"));
        Assert.Contains(result.Problems, p => p.Path == "agents.coding-agent.can_message[0]" && p.Message.Contains("coordinator"));
    }

    private static string Block(string name) => File.ReadAllText(Path.Join(Repository.Root, "tests/Oktsec.Core.Tests/Configuration/Texts", name));
}
