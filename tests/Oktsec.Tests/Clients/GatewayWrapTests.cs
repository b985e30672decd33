using Oktsec.Clients;
using Oktsec.Clients.Documents;
using Oktsec.Clients.Moving;
using Oktsec.Clients.Servers;
using Oktsec.Clients.Wrapping;
using Oktsec.Configuration;
using Oktsec.Core.Configuration;

namespace Oktsec.Tests.Clients;

/// <summary><c>wrap --gateway</c> for every client's file: one entry is left, the servers stand in our configuration without a secret, and unwrap undoes both.</summary>
public sealed class GatewayWrapTests
{
    private const string Token = "okt_gw_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    public static TheoryData<int> Fixtures => ClientFixtures.Indexes;

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Move_ThenUnwrap_GivesTheOriginalBytes_AndNothingIsLeftInTheConfiguration(int fixture)
    {
        using var machine = TestMachine.Prepare(fixture, out var path, out var client);
        var original = File.ReadAllBytes(path);
        var before = machine.Servers(client);
        var plan = Move(machine);
        var after = machine.Servers(client);

        Assert.All(after.Where(s => s is { IsDisabled: false, LeftAlone: null }), s => Assert.NotEqual(Protection.None, s.Protection));
        var moved = plan.Moves.SelectMany(m => m.Servers).ToList();
        Assert.Equal(moved.Count > 0, after.Any(s => s.IsGateway));
        Assert.Equal(before.Count - moved.Count + (moved.Count > 0 ? 1 : 0), after.Count);
        var config = Config(machine);
        Assert.Equal(moved.Select(m => m.Name).Order(), config.McpServers.Select(s => s.Name).Order());
        Assert.DoesNotContain("not-a-real-one", File.ReadAllText(machine.Machine.ConfigPath));
        if (moved.Any(m => m.Secrets.Count > 0))
            Assert.Contains(config.McpServers, s => s.Env.Any(e => e.Value == "not-a-real-one"));

        var once = File.ReadAllBytes(path);
        Assert.Empty(Move(machine).Changes);
        Assert.Equal(once, File.ReadAllBytes(path));
        machine.Unwrap();
        Assert.Equal(original, File.ReadAllBytes(path));
        Assert.Empty(Config(machine).McpServers);
        Assert.Empty(Files(machine, "secrets"));
        Assert.Empty(Files(machine, "moved"));
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Move_AfterWrap_AndTheClientChangedItsFile_UnwrapKeepsTheChange(int fixture)
    {
        using var machine = TestMachine.Prepare(fixture, out var path, out _);
        var format = DocumentFormat.Of(path);
        var original = Document.Parse(format, File.ReadAllText(path));
        machine.Wrap(enforce: true);
        Move(machine);
        File.WriteAllText(path, Document.Parse(format, File.ReadAllText(path)).Set(["added by the client"], Node.OfText("later")).Text);
        machine.Unwrap();
        Assert.Equal(original.Set(["added by the client"], Node.OfText("later")).Root.Canonical(), Document.Parse(format, File.ReadAllText(path)).Root.Canonical());
        Assert.Empty(Config(machine).McpServers);
        Assert.Empty(machine.Unwrap().Changes);
    }

    [Fact]
    public void TwoClientsWithTheSameServer_ShareIt_UntilTheLastOneIsUnwrapped()
    {
        using var machine = new TestMachine();
        const string same = """{"mcpServers":{"files":{"command":"npx","args":["x"],"env":{"KEY":"a-long-secret"}}}}""";
        machine.Write(".cursor/mcp.json", same);
        machine.Write(".gemini/settings.json", same);
        machine.Write(".junie/mcp/mcp.json", same.Replace("a-long-secret", "another-secret", StringComparison.Ordinal));
        Move(machine);
        Assert.Equal(["files", "files-2"], Config(machine).McpServers.Select(s => s.Name).Order());
        Assert.All([Config(machine).Agents["cursor"].AllowedTools, Config(machine).Agents["cursor"].AllowedResources, Config(machine).Agents["cursor"].AllowedPrompts], list => Assert.Equal(["files/*"], list));
        Assert.Equal(["files/*"], Config(machine).Agents["gemini"].AllowedTools);
        Assert.Equal(["files-2/*"], Config(machine).Agents["junie"].AllowedTools);

        Unwrap(machine, "cursor");
        Assert.Equal(["files", "files-2"], Config(machine).McpServers.Select(s => s.Name).Order());
        Assert.Empty(Config(machine).Agents["cursor"].AllowedTools);
        Unwrap(machine, "gemini");
        Assert.Equal("files-2", Assert.Single(Config(machine).McpServers).Name);
        Assert.EndsWith("/secrets/files-2/KEY", Assert.Single(Files(machine, "secrets")));
    }

    [Fact]
    public void NameThatBeginsAsAnother_KeepsItsSecrets()
    {
        using var machine = new TestMachine();
        machine.Write(".cursor/mcp.json", """{"mcpServers":{"a":{"command":"npx","env":{"K":"the first secret"}}}}""");
        machine.Write(".gemini/settings.json", """{"mcpServers":{"a.b":{"command":"npx","env":{"K":"the other secret"}}}}""");
        Move(machine);
        Unwrap(machine, "cursor");
        Assert.Equal("the other secret", Assert.Single(Config(machine).McpServers).Env["K"]);
    }

    [Fact]
    public void WhatTheUserWrote_Stays_AndANameInUseIsNotTaken()
    {
        using var machine = new TestMachine();
        const string mine = """
            # mine
            mcp_servers:
              files:            # by hand
                command: other
            agents:
              cursor:
                blocked_content: [credentials]   # keep
              reader: {}
            """;
        machine.Write(".oktsec/config.yaml", mine);
        machine.Write(".cursor/mcp.json", """{"mcpServers":{"files":{"command":"npx","args":["x"]}}}""");
        Move(machine);
        Assert.Equal("other", Config(machine).McpServers.Single(s => s.Name == "files").Command);
        Assert.Equal(("npx", machine.Machine.Home), (Config(machine).McpServers.Single(s => s.Name == "files-2").Command, Config(machine).McpServers.Single(s => s.Name == "files-2").Cwd));
        Assert.Equal(["files-2/*"], Config(machine).Agents["cursor"].AllowedTools);
        Assert.Contains("  files:            # by hand", File.ReadAllText(machine.Machine.ConfigPath));
        machine.Unwrap();
        // An empty list would allow everything, so what restricts the client stays.
        Assert.Equal(mine.Replace("# keep", "# keep\n    allowed_tools: [\"files-2/*\"]\n    allowed_resources: [\"files-2/*\"]\n    allowed_prompts: [\"files-2/*\"]", StringComparison.Ordinal), File.ReadAllText(machine.Machine.ConfigPath));
    }

    [Theory]
    [InlineData("""{"command":"npx","args":["${workspaceFolder}/x"]}""", "it has a placeholder that only the client fills in")]
    [InlineData("""{"command":"npx","env":{"A":"$HOME/x"}}""", "it has a placeholder that only the client fills in")]
    [InlineData("""{"command":"npx","args":["{env:KEY}"]}""", "it has a placeholder that only the client fills in")]
    [InlineData("""{"command":"npx","env":{"A":"with its line break\n"}}""", "a value ends with a line break")]
    [InlineData("""{"command":"npx","envFile":".env"}""", "its \"envFile\" has no counterpart at the gateway")]
    [InlineData("""{"command":"npx","includeTools":["a"]}""", "its \"includeTools\" has no counterpart at the gateway")]
    [InlineData("""{"command":"node","args":["./server.js"]}""", "it depends on the folder that the client starts it in")]
    [InlineData("""{"command":"bin/server"}""", "it depends on the folder that the client starts it in")]
    [InlineData("""{"command":"npx","cwd":"work"}""", "its cwd is relative")]
    [InlineData("""{"url":"https://mcp.example.com/mcp"}""", "it sends no key, so the client may sign in to it by itself, which the gateway cannot")]
    [InlineData("""{"url":"https://me:secret@mcp.example.com/mcp","headers":{"A":"b"}}""", "its address holds credentials; put them into a header")]
    public void WhatWouldNotStartFromTheGateway_StaysAndIsSaid(string entry, string why)
    {
        using var machine = new TestMachine();
        var path = machine.Write(".cursor/mcp.json", $$$"""{"mcpServers":{"odd":{{{entry}}} } }""");
        Assert.Equal(why, Obstacle.Of(Assert.Single(machine.Servers("cursor"))));
        var plan = Move(machine);
        if (entry.Contains("url", StringComparison.Ordinal))
            Assert.Contains(plan.Notes, n => n.Server == "odd"); // wrap says why it leaves it alone
        else
            Assert.Contains(plan.Notes, n => n.Text == $"\"odd\" is wrapped in place: {why}");
        Assert.Empty(plan.Moves);
        Assert.DoesNotContain("okt_gw_", File.ReadAllText(path));
        var server = Assert.Single(machine.Servers("cursor"));
        if (entry.Contains("command", StringComparison.Ordinal))
            Assert.Equal(Protection.Observe, server.Protection); // in place, where it works
    }

    [Theory]
    [InlineData("--api-key", "abcdef123", "arg1")]
    [InlineData("--api-key=abcdef123", null, "arg0")]
    [InlineData("API_TOKEN=abcdef123", null, "arg0")]
    [InlineData("postgresql://me:abcdef123@db.example.com/x", null, "arg0")]
    [InlineData("https://mcp.example.com/mcp?key=abcdef123", null, "arg0")]
    [InlineData("Authorization: Bearer abcdef123", null, "arg0")]
    [InlineData("ghp_abcdef123abcdef123", null, "arg0")]
    public void SecretsInArguments_AreKeptApart_AndReachTheServer(string first, string? second, string _)
    {
        using var machine = new TestMachine();
        string[] args = second is null ? [first, "/data"] : [first, second, "/data"];
        machine.Write(".cursor/mcp.json", $$$"""{"mcpServers":{"s":{"command":"npx","args":[{{{string.Join(',', args.Select(NodeText.Quoted))}}}] } } }""");
        Move(machine);
        Assert.DoesNotContain("abcdef123", File.ReadAllText(machine.Machine.ConfigPath));
        Assert.Contains("/data", File.ReadAllText(machine.Machine.ConfigPath));
        Assert.Equal(args, Assert.Single(Config(machine).McpServers).Args);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Assert.Single(Files(machine, "secrets"))));
    }

    [Theory]
    [InlineData("--port", "12345678")]
    [InlineData("-y", "@modelcontextprotocol/server-filesystem")]
    [InlineData("/home/u/tokens", "C:\\keys and more")]
    public void PlainArguments_StandInClear(params string[] args)
    {
        using var machine = new TestMachine();
        machine.Write(".cursor/mcp.json", $$$"""{"mcpServers":{"s":{"command":"npx","args":[{{{string.Join(',', args.Select(NodeText.Quoted))}}}] } } }""");
        Move(machine);
        Assert.Equal(args, Assert.Single(Config(machine).McpServers).Args);
        Assert.Empty(Files(machine, "secrets"));
    }

    [Fact]
    public void SeveralLines_AndQuotesInSecrets_SurviveTheFile()
    {
        using var machine = new TestMachine();
        const string secret = "-----BEGIN-----\n\"a\" 'b' #c\n-----END-----";
        machine.Write(".cursor/mcp.json", $$$"""{"mcpServers":{"s":{"command":"npx","env":{"PEM":{{{NodeText.Quoted(secret)}}} } } } }""");
        Move(machine);
        Assert.Equal(secret, Assert.Single(Config(machine).McpServers).Env["PEM"]);
    }

    [Fact]
    public void ClientThatOnlyStartsPrograms_GetsTheBridge_AndNoTokenInItsFile()
    {
        using var machine = new TestMachine();
        var path = machine.Write(".config/Claude/claude_desktop_config.json", """{"mcpServers":{"files":{"command":"npx","args":["x"]}}}""");
        Move(machine);
        var server = Assert.Single(machine.Servers("claude-desktop"));
        Assert.Equal(("oktsec", Protection.Gateway, "http://localhost:9090/mcp"), (server.Name, server.Protection, server.Proxy?.Url));
        Assert.DoesNotContain(Token, File.ReadAllText(path));
        Assert.Contains("Authorization: Bearer ${file:" + machine.Machine.Folder + "/tokens/claude-desktop}", server.Argv);
        Assert.Equal(["files/*", "claude-desktop/*"], Config(machine).Agents["claude-desktop"].AllowedTools);
    }

    [Fact]
    public void BackupGone_TheEntryIsLeft_AndItIsSaidWhereTheServersAre()
    {
        using var machine = new TestMachine();
        machine.Write(".junie/mcp/mcp.json", """{"mcpServers":{"files":{"command":"npx"}}}""");
        Move(machine);
        Directory.Delete(Path.Join(machine.Machine.Folder, "backups"), recursive: true);
        var plan = machine.Unwrap();
        Assert.Empty(plan.Changes);
        Assert.Contains(plan.Notes, n => n.Server == "oktsec" && n.Text.EndsWith("its servers are under mcp_servers: in " + machine.Machine.ConfigPath, StringComparison.Ordinal));
    }

    [Fact]
    public void ConfigurationThatWouldBreak_IsNotWritten_AndTheClientIsLeft()
    {
        using var machine = new TestMachine();
        var path = machine.Write(".cursor/mcp.json", """{"mcpServers":{"s":{"url":"https://mcp.example.com/mcp","headers":{"Bad Header":"a value"}}}}""");
        var original = File.ReadAllBytes(path);
        var plan = Plan(machine, machine.Find());
        Assert.Contains(new PlanRunner(machine.Machine).Run(plan), n => n.IsProblem && n.Text.Contains("cannot be moved"));
        Assert.Equal(original, File.ReadAllBytes(path));
        Assert.Empty(Config(machine).McpServers);
        Assert.Empty(Files(machine, "secrets"));
    }

    private static Plan Plan(TestMachine machine, IReadOnlyList<FoundClient> clients) =>
        new Mover(machine.Machine, GatewayAddress.UrlOf(machine.Machine)!, _ => Token).Plan(clients, new WrapOptions());

    private static Plan Move(TestMachine machine)
    {
        var plan = Plan(machine, machine.Find());
        Assert.Empty(new PlanRunner(machine.Machine).Run(plan));
        return plan;
    }

    private static void Unwrap(TestMachine machine, string client) =>
        Assert.Empty(new PlanRunner(machine.Machine).Run(new Wrapper(machine.Machine).Unwrap([.. machine.Find().Where(c => c.Client.Id == client)])));

    private static OktsecConfig Config(TestMachine machine)
    {
        var loaded = ConfigFile.Load(machine.Machine.ConfigPath, MachineEnvironment.With(KnownRules.Of) with { HomeFolder = machine.Machine.Home });
        return loaded.Config ?? throw new InvalidOperationException(string.Join('\n', loaded.Problems));
    }

    private static string[] Files(TestMachine machine, string folder) =>
        Directory.Exists(Path.Join(machine.Machine.Folder, folder)) ? Directory.GetFiles(Path.Join(machine.Machine.Folder, folder), "*", SearchOption.AllDirectories) : [];
}
