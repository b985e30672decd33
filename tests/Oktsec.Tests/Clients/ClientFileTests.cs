using System.Diagnostics;
using System.Text;
using Oktsec.Clients.Files;
using Oktsec.Clients.Servers;
using Oktsec.Clients.Wrapping;

namespace Oktsec.Tests.Clients;

/// <summary>Files that are broken, foreign, linked, or changed by somebody else.</summary>
public sealed class ClientFileTests
{
    private const string Good = """{"mcpServers": {"a": {"command": "npx"}}}""";

    [Theory]
    [InlineData("{\"mcpServers\": {\"a\": {\"command\": \"npx\"}}", "line 1, column 41")]
    [InlineData("{\n \"mcpServers\": {\"a\" {}}}", "line 2, column 21")]
    [InlineData("{\"mcpServers\": {\"a\": {\"command\": \"x\"}, \"a\": {\"command\": \"y\"}}}", "written twice")]
    public void BrokenFile_IsReportedAndLeftAlone_TheOthersAreWrapped(string text, string problem)
    {
        using var machine = new TestMachine();
        var path = machine.Write(".codeium/windsurf/mcp_config.json", text);
        machine.Write(".lmstudio/mcp.json", Good);
        var plan = machine.Wrap();
        var note = Assert.Single(plan.Notes);
        Assert.True(note.IsProblem);
        Assert.Contains(problem, note.Text, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(path));
        Assert.Equal("lm-studio", Assert.Single(plan.Changes).Client.Id);
    }

    [Fact]
    public void FileThatIsNotUtf8_IsLeftAlone()
    {
        using var machine = new TestMachine();
        var path = machine.Write(".lmstudio/mcp.json", "");
        File.WriteAllBytes(path, [.. "{\"a\": \""u8, 0xff, .. "\"}"u8]);
        Assert.Contains("UTF-8", Assert.Single(machine.Wrap().Notes).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_WhereAFileShouldBe_IsReported()
    {
        using var machine = new TestMachine();
        Directory.CreateDirectory(machine["home/.lmstudio/mcp.json"]);
        Assert.Contains("folder", Assert.Single(machine.Wrap().Notes).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead)]
    public void Mode_IsKept_AndBackupsAreClosed(UnixFileMode mode)
    {
        using var machine = new TestMachine();
        var path = machine.Write(".lmstudio/mcp.json", Good);
        File.SetUnixFileMode(path, mode);
        machine.Wrap();
        Assert.Equal(mode, File.GetUnixFileMode(path));
        Assert.All(Directory.EnumerateFiles(machine["home/.oktsec"], "*", SearchOption.AllDirectories),
            f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
        machine.Unwrap();
        Assert.Equal(mode, File.GetUnixFileMode(path));
    }

    [Fact]
    public void FileThatOthersMayWrite_IsWrappedWithAWarning()
    {
        using var machine = new TestMachine();
        var path = machine.Write(".lmstudio/mcp.json", Good);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
        var plan = machine.Wrap();
        Assert.Single(plan.Changes);
        Assert.Contains("chmod go-w", Assert.Single(plan.Notes).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Link_ToAnOwnFile_IsFollowed_AndStaysALink()
    {
        using var machine = new TestMachine();
        var real = machine.Write("dotfiles/mcp.json", Good);
        Directory.CreateDirectory(machine["home/.lmstudio"]);
        File.CreateSymbolicLink(machine["home/.lmstudio/mcp.json"], real);
        machine.Wrap();
        Assert.Equal(real, new FileInfo(machine["home/.lmstudio/mcp.json"]).LinkTarget);
        Assert.Contains("proxy", File.ReadAllText(real), StringComparison.Ordinal);
        machine.Unwrap();
        Assert.Equal(Good, File.ReadAllText(real));
    }

    [Fact]
    public void Link_ToAFileOfAnotherUser_IsNotFollowed()
    {
        using var machine = new TestMachine();
        var target = "/etc/passwd";
        if (Environment.IsPrivilegedProcess)
        {
            // Root owns what everybody else finds foreign, so another owner is needed.
            target = machine.Write("theirs.json", Good);
            using var chown = Process.Start("chown", ["65534", target])!;
            chown.WaitForExit();
            Assert.Equal(0, chown.ExitCode);
        }
        Directory.CreateDirectory(machine["home/.lmstudio"]);
        File.CreateSymbolicLink(machine["home/.lmstudio/mcp.json"], target);
        var before = File.ReadAllText(target);
        Assert.Contains("another user", Assert.Single(machine.Wrap().Notes).Text, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(target));
    }

    [Fact]
    public void ChangedBetweenReadAndWrite_IsNotOverwritten()
    {
        using var machine = new TestMachine();
        var path = machine.Write(".lmstudio/mcp.json", Good);
        var plan = new Wrapper(machine.Machine).Wrap(machine.Find(), new WrapOptions());
        File.WriteAllText(path, """{"mcpServers": {}}""");
        Assert.Contains("changed by another program", Assert.Single(new PlanRunner(machine.Machine).Run(plan)).Text, StringComparison.Ordinal);
        Assert.Equal("""{"mcpServers": {}}""", File.ReadAllText(path));
        Assert.Single(Directory.EnumerateFileSystemEntries(machine["home/.lmstudio"]));
    }

    [Fact]
    public void Original_IsNeverOverwritten()
    {
        using var machine = new TestMachine();
        var path = machine.Write(".lmstudio/mcp.json", Good);
        machine.Wrap();
        machine.Wrap(enforce: true);
        machine.Wrap();
        var folder = new Backups(machine.Machine).FolderOf(path);
        Assert.Equal(Good, File.ReadAllText(Path.Join(folder, "1.original")));
        Assert.False(File.Exists(Path.Join(folder, "2.original")));
        // A change of the user's own makes a second pair, and leaves the first.
        File.WriteAllText(path, File.ReadAllText(path).Replace("}}}", "}, \"b\": {\"command\": \"y\"}}}", StringComparison.Ordinal));
        machine.Wrap();
        Assert.Equal(Good, File.ReadAllText(Path.Join(folder, "1.original")));
        Assert.Equal("""{"mcpServers": {"a": {"command": "npx"}, "b": {"command": "y"}}}""", File.ReadAllText(Path.Join(folder, "2.original")));
    }

    [Fact]
    public void BackupThatOthersMayWrite_IsNotTrusted()
    {
        using var machine = new TestMachine();
        var path = machine.Write(".lmstudio/mcp.json", Good);
        machine.Wrap();
        var original = Path.Join(new Backups(machine.Machine).FolderOf(path), "1.original");
        File.SetUnixFileMode(original, (UnixFileMode)0b110_110_110);
        var wrapped = File.ReadAllText(path);
        var plan = new Wrapper(machine.Machine).Unwrap(machine.Find());
        Assert.Contains("others may write it", Assert.Single(plan.Notes).Text, StringComparison.Ordinal);
        Assert.Equal(wrapped, File.ReadAllText(path));
    }

    [Fact]
    public void OwnConfig_Absent_IsCreated_SoThatEntriesCanNameIt()
    {
        using var machine = new TestMachine();
        machine.Write(".lmstudio/mcp.json", Good);
        machine.Wrap();
        Assert.True(File.Exists(machine.Machine.ConfigPath));
        var loaded = Oktsec.Configuration.ConfigFile.Load(machine.Machine.ConfigPath, Oktsec.Configuration.MachineEnvironment.With(Oktsec.Configuration.KnownRules.Of));
        Assert.NotNull(loaded.Config);
        Assert.Equal("a", Assert.Single(loaded.Config.Agents).Key);
        Assert.True(loaded.Config.Gateway.RequireAuth); // a name in a file is nobody's to claim
    }

    [Theory]
    [InlineData("agents:\n  me: # it is I\n    allowed_tools: [read]\nport: 1\n", "agents:\n  me: # it is I\n    allowed_tools: [read]\n  a: {}\n  b.c: {}\nport: 1\n")]
    [InlineData("# none\nport: 1\n", "# none\nport: 1\n")]
    [InlineData("agents: {}\n", "agents: {}\n")]
    [InlineData("agents:\n  a: {}\n", "agents:\n  a: {}\n  b.c: {}\n")]
    public void OwnConfig_WithAgents_LearnsTheNames_SoThatNothingIsDenied(string before, string after) =>
        Assert.Equal(after, OwnConfig.With(before, ["a", "b.c"]));

    [Theory]
    [InlineData("fs", "fs")]
    [InlineData("io.github.x/y", "io.github.x-y")]
    [InlineData("with space", "with-space")]
    [InlineData("--enforce", "enforce")]
    [InlineData("日本", "server")]
    public void AgentName_CanStandInAPolicy(string server, string agent) => Assert.Equal(agent, AgentNames.Of(server));

    [Theory]
    [InlineData("""{"command": "oktsec", "args": ["proxy", "--agent", "x", "--", "npx"]}""", "npx")]
    [InlineData("""{"command": "/old/oktsec", "args": ["proxy", "--enforce", "--agent=x", "--config", "./evil.yaml", "--", "npx"]}""", "npx")]
    public void EntryWrittenByHand_IsRecognised_AndWrappedAnew(string entry, string command)
    {
        using var machine = new TestMachine();
        machine.Write(".lmstudio/mcp.json", $$$"""{"mcpServers": {"s": {{{entry}}} } }""");
        machine.Wrap();
        var proxy = machine.Find().Single().Files.Single().Servers.Single().Proxy!;
        Assert.Equal("/opt/oktsec/oktsec", proxy.Program.Single());
        Assert.Equal(("s", machine.Machine.ConfigPath), (proxy.Agent, proxy.Config));
        Assert.Equal(command, proxy.Command.Single());
    }

    [Fact]
    public void EntryThatStartsOktsecOtherwise_IsLeftAlone()
    {
        using var machine = new TestMachine();
        machine.Write(".lmstudio/mcp.json", """{"mcpServers": {"s": {"command": "oktsec", "args": ["mcp"]}, "g": {"url": "http://127.0.0.1:9090/mcp"}}}""");
        var plan = machine.Wrap();
        Assert.Empty(plan.Changes);
        Assert.Equal("s", Assert.Single(plan.Notes).Server);
        Assert.Equal(Protection.Gateway, machine.Find().Single().Files.Single().Servers.Single(s => s.Name == "g").Protection);
    }

    [Theory]
    [InlineData("base: &b\n  type: stdio\n  cmd: npx\nextensions:\n  s: *b\n", "s")]
    [InlineData("extensions:\n  s: &b\n    type: stdio\n    cmd: npx\n", "s")]
    [InlineData("base: &b { type: stdio, cmd: npx }\nextensions:\n  s:\n    <<: *b\n    args: [x]\n", "s")]
    [InlineData("base: &b\n  s: { type: stdio, cmd: npx }\nextensions: *b\n", "extensions")]
    public void YamlEntry_WithAnAnchor_IsLeftAlone_AndThatIsSaid(string text, string name)
    {
        using var machine = new TestMachine();
        machine.Write(".config/goose/config.yaml", text);
        var plan = machine.Wrap();
        Assert.Empty(plan.Changes);
        var note = Assert.Single(plan.Notes);
        Assert.Equal(name, note.Server);
        Assert.Contains("anchor", note.ToString(), StringComparison.Ordinal);
        Assert.Equal(Protection.None, machine.Find().Single().Files.Single().Servers.Single().Protection);
    }

    [Theory]
    [InlineData("x|npx|-y|@modelcontextprotocol/server-filesystem", "Files")]
    [InlineData("x|npx|-y|mcp-shell", "Shell")]
    [InlineData("x|uvx|mcp-server-sqlite", "Database")]
    [InlineData("stripe|npx", "Payments")]
    [InlineData("x|npx|@modelcontextprotocol/server-fetch", "Network")]
    [InlineData("x|npx|profiles", "Unknown")]
    public void Risk_IsTheGravestWord(string words, string risk) =>
        Assert.Equal(risk, Oktsec.Clients.RiskClasses.Of(words.Split('|'), isRemote: false).ToString());
}
