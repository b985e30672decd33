using Oktsec.Clients;
using Oktsec.Clients.Documents;
using Oktsec.Clients.Servers;

namespace Oktsec.Tests.Clients;

/// <summary>Clients with hooks ask about their own tools once they are wrapped, and their files are what they were once they are unwrapped.</summary>
public sealed class HookWrapTests
{
    private const string Servers = """{ "mcpServers": { "files": { "command": "npx", "args": ["-y", "x"] } } }""";

    private const string OtherHooks = """
        {
          // mine
          "model": "m", /* here */
          "hooks": {
            "EVENT": [
              { "matcher": "Bash", "hooks": [{ "type": "command", "command": "audit.sh" }] } // first
            ],
            "Stop": [{ "hooks": [{ "type": "command", "command": "say 'done'" }] }]
          },
        }
        """;

    /// <summary>Client, its file of servers, its file of hooks, the first of its events.</summary>
    public static TheoryData<string, string, string, string> Clients => new()
    {
        { "claude-code", ".claude.json", ".claude/settings.json", "PreToolUse" },
        { "gemini", ".gemini/settings.json", ".gemini/settings.json", "BeforeTool" },
        { "qwen", ".qwen/settings.json", ".qwen/settings.json", "PreToolUse" },
        { "cursor", ".cursor/mcp.json", ".cursor/hooks.json", "preToolUse" },
        { "copilot", ".copilot/mcp-config.json", ".copilot/settings.json", "PreToolUse" },
        { "codex", ".codex/config.toml", ".codex/hooks.json", "PreToolUse" },
    };

    [Theory]
    [MemberData(nameof(Clients))]
    public void Wrap_InstallsTheHook_AndUnwrapTakesItAway(string client, string servers, string hooks, string first)
    {
        using var machine = new TestMachine();
        machine.Write(servers, Servers);
        var before = Files(machine);
        machine.Wrap(enforce: true);
        var place = KnownClients.Find(client)!.Hooks!;
        Assert.Equal(first, place.Events[0]);
        Assert.All(place.Events, name => Assert.Equal([HookCommandLine.Write(machine.Machine, place.Agent, enforce: true)], Commands(machine, hooks, name)));
        Assert.Empty(machine.Wrap(enforce: true).Changes);
        machine.Wrap();
        Assert.All(place.Events, name => Assert.Equal([HookCommandLine.Write(machine.Machine, place.Agent, enforce: false)], Commands(machine, hooks, name)));
        machine.Unwrap();
        Assert.Equal(before, Files(machine));
        Assert.Empty(machine.Unwrap().Changes);
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public void Wrap_BesideHooksOfTheUser_KeepsThem(string client, string servers, string hooks, string first)
    {
        using var machine = new TestMachine();
        machine.Write(servers, Servers);
        var path = machine.Write(hooks, OtherHooks.Replace("EVENT", first, StringComparison.Ordinal));
        var original = File.ReadAllText(path);
        machine.Wrap(enforce: true);
        Assert.Equal(["audit.sh", HookCommandLine.Write(machine.Machine, KnownClients.Find(client)!.Hooks!.Agent, enforce: true)], Commands(machine, hooks, first).Order(StringComparer.Ordinal).Reverse());
        Assert.Contains("// mine", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Contains("// first", File.ReadAllText(path), StringComparison.Ordinal);
        machine.Unwrap();
        Assert.Equal(original, File.ReadAllText(path));
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public void Unwrap_AfterTheUserAddedAHook_RemovesOursAlone(string _, string servers, string hooks, string first)
    {
        using var machine = new TestMachine();
        machine.Write(servers, Servers);
        machine.Wrap(enforce: true);
        var path = Path.Join(machine.Machine.Home, hooks);
        var wrapped = Document.Parse(DocumentFormat.Json, File.ReadAllText(path));
        var users = Node.OfMap([("command", Node.OfText("mine.sh"))]);
        File.WriteAllText(path, wrapped.Set(["hooks", first], new ListNode(0, 0, [users, .. ((ListNode)wrapped.Find("hooks", first)!).Items])).Text);
        machine.Unwrap();
        var left = Document.Parse(DocumentFormat.Json, File.ReadAllText(path));
        Assert.Equal(Node.OfMap([(first, new ListNode(0, 0, [users]))]).Canonical(), left.Find("hooks")!.Canonical());
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public void Unwrap_BackupGone_TheCommandItselfIsEnough(string _, string servers, string hooks, string first)
    {
        using var machine = new TestMachine();
        machine.Write(servers, Servers);
        machine.Write(hooks, OtherHooks.Replace("EVENT", first, StringComparison.Ordinal));
        machine.Wrap();
        Assert.Equal(2, Commands(machine, hooks, first).Count);
        Directory.Delete(machine["home/.oktsec"], recursive: true);
        machine.Unwrap();
        Assert.Equal(["audit.sh"], Commands(machine, hooks, first));
        Assert.Single(((MapNode)Document.Parse(DocumentFormat.Json, File.ReadAllText(Path.Join(machine.Machine.Home, hooks))).Find("hooks")!).Members, m => m.Key == "Stop");
    }

    // The only command of a matcher, and one among others of it.
    [Fact]
    public void Wrap_HookOfAPerson_BecomesTheOneOfWrap()
    {
        using var machine = new TestMachine();
        machine.Write(".claude.json", Servers);
        machine.Write(".claude/settings.json", """{"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "\"/usr/my bin/oktsec\" hook --enforce"}, {"type": "command", "command": "b.sh"}]}, {"matcher": "*", "hooks": [{"type": "command", "command": "/opt/oktsec/oktsec hook"}]}]}}""");
        machine.Wrap(enforce: true);
        Assert.Equal([HookCommandLine.Write(machine.Machine, "claude-code", enforce: true), "b.sh"], Commands(machine, ".claude/settings.json", "PreToolUse"));
    }

    [Fact]
    public void Agents_WhereSomeAreNamed_KnowTheClientToo()
    {
        using var machine = new TestMachine();
        machine.Write(".claude.json", Servers);
        var config = machine.Write(".oktsec/config.yaml", "agents:\n  other: {}\n");
        machine.Wrap();
        Assert.Equal("agents:\n  other: {}\n  claude-code: {}\n  files: {}\n", File.ReadAllText(config));
    }

    [Theory]
    [InlineData("""{"hooks": []}""")]
    [InlineData("""{"hooks": {"PreToolUse": {}}}""")]
    [InlineData("""{"hooks": {}, "hooks": {}}""")]
    public void File_WithHooksOfAnotherShape_IsLeftAlone_AndThatIsSaid(string text)
    {
        using var machine = new TestMachine();
        machine.Write(".claude.json", Servers);
        var path = machine.Write(".claude/settings.json", text);
        Assert.Contains(machine.Wrap().Notes, n => n.IsProblem && n.Path == path);
        Assert.Equal(text, File.ReadAllText(path));
        machine.Unwrap();
        Assert.Equal(text, File.ReadAllText(path));
    }

    [Theory]
    [InlineData("/opt/oktsec/oktsec", "/opt/oktsec/oktsec hook --agent a --config ")]
    [InlineData("/my tools/it's/oktsec", @"'/my tools/it'\''s/oktsec' hook --agent a --config ")]
    public void CommandLine_IsForAShell_AndIsReadBack(string program, string start)
    {
        using var machine = new TestMachine(program: program);
        var line = HookCommandLine.Write(machine.Machine, "a", enforce: false);
        Assert.StartsWith(start, line, StringComparison.Ordinal);
        Assert.True(HookCommandLine.IsOurs(line));
    }

    [Theory]
    [InlineData(@"""C:\Program Files\oktsec\oktsec.exe"" hook --agent a", true)]
    [InlineData(@"C:\oktsec\oktsec.exe hook", true)]
    [InlineData("dotnet /opt/oktsec.dll hook", true)]
    [InlineData("/opt/oktsec/oktsec proxy --agent hook -- x", false)]
    [InlineData("/opt/oktsec/oktsec scan hook", false)]
    [InlineData("echo oktsec hook", false)]
    [InlineData("", false)]
    [InlineData("'", false)]
    public void Command_IsOurs(string command, bool isOurs) => Assert.Equal(isOurs, HookCommandLine.IsOurs(command));

    private static List<string> Commands(TestMachine machine, string file, string name)
    {
        var text = Document.Parse(DocumentFormat.Json, File.ReadAllText(Path.Join(machine.Machine.Home, file)));
        var entries = (text.Find("hooks", name) as ListNode)?.Items ?? [];
        return [.. entries.OfType<MapNode>().SelectMany(e => e["hooks"] is ListNode inner ? inner.Items.OfType<MapNode>() : [e]).Select(e => e.TextOf("command")!)];
    }

    private static string[] Files(TestMachine machine) =>
        [.. Directory.EnumerateFiles(machine.Machine.Home, "*", SearchOption.AllDirectories).Where(f => !f.Contains(".oktsec", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(f => f + "\n" + File.ReadAllText(f))];
}
