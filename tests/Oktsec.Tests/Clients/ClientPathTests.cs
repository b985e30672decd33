using Oktsec.Clients;

namespace Oktsec.Tests.Clients;

/// <summary>Where each client keeps its file on each kind of machine.</summary>
public sealed class ClientPathTests
{
    [Theory]
    [InlineData("claude-desktop", "MacOs", "Library/Application Support/Claude/claude_desktop_config.json")]
    [InlineData("claude-desktop", "Windows", "AppData/Roaming/Claude/claude_desktop_config.json")]
    [InlineData("claude-desktop", "Linux", ".config/Claude/claude_desktop_config.json")]
    [InlineData("claude-code", "Windows", ".claude.json")]
    [InlineData("cursor", "Windows", ".cursor/mcp.json")]
    [InlineData("vscode", "MacOs", "Library/Application Support/Code/User/mcp.json")]
    [InlineData("vscode", "Windows", "AppData/Roaming/Code/User/mcp.json")]
    [InlineData("vscode", "Linux", ".config/Code - Insiders/User/mcp.json")]
    [InlineData("vscode", "Linux", ".vscode-server/data/User/mcp.json")]
    [InlineData("cline", "MacOs", "Library/Application Support/Cursor/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json")]
    [InlineData("roo-code", "Windows", "AppData/Roaming/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json")]
    [InlineData("kilo-code", "Linux", ".config/VSCodium/User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json")]
    [InlineData("zed", "MacOs", ".config/zed/settings.json")]
    [InlineData("zed", "Windows", "AppData/Roaming/Zed/settings.json")]
    [InlineData("amp", "Windows", ".config/amp/settings.json")]
    [InlineData("opencode", "MacOs", ".config/opencode/opencode.json")]
    [InlineData("goose", "Windows", "AppData/Roaming/Block/goose/config/config.yaml")]
    [InlineData("goose", "MacOs", ".config/goose/config.yaml")]
    [InlineData("boltai", "MacOs", ".boltai/mcp.json")]
    public void UserFile_OnEachKindOfMachine_IsFound(string client, string kind, string file)
    {
        using var machine = new TestMachine(Enum.Parse<MachineKind>(kind), @"C:\Program Files\oktsec\oktsec.exe");
        var path = machine.Write(file, "{}");
        var found = Assert.Single(machine.Find());
        Assert.Equal((client, path), (found.Client.Id, Assert.Single(found.Files).Path));
    }

    [Theory]
    [InlineData("CODEX_HOME", "codex", "config.toml", "model = 1\n")]
    [InlineData("CLAUDE_CONFIG_DIR", "claude-code", ".claude.json", "{}")]
    [InlineData("XDG_CONFIG_HOME", "opencode", "opencode/opencode.json", "{}")]
    [InlineData("XDG_CONFIG_HOME", "claude-desktop", "Claude/claude_desktop_config.json", "{}")]
    [InlineData("COPILOT_HOME", "copilot", "mcp-config.json", "{}")]
    public void Variable_NamesAnotherFolder_ItCounts(string variable, string client, string file, string text)
    {
        using var machine = new TestMachine();
        machine.Set(variable, machine["home/elsewhere"]);
        machine.Write("elsewhere/" + file, text);
        Assert.Equal(client, Assert.Single(machine.Find()).Client.Id);
    }

    [Fact]
    public void Appdata_OnWindows_Counts()
    {
        using var machine = new TestMachine(MachineKind.Windows);
        machine.Set("APPDATA", machine["home/roaming"]);
        machine.Write("roaming/Claude/claude_desktop_config.json", "{}");
        Assert.Equal("claude-desktop", Assert.Single(machine.Find()).Client.Id);
    }

    [Fact]
    public void Profiles_OfVsCode_AreFound()
    {
        using var machine = new TestMachine();
        machine.Write(".config/Code/User/profiles/ab12/mcp.json", """{"servers":{"x":{"command":"y"}}}""");
        Assert.Equal("x", Assert.Single(Assert.Single(machine.Find()).Files).Servers.Single().Name);
    }

    [Theory]
    [InlineData("""{"command": "cmd", "args": ["/c", "npx", "-y", "x"]}""", "cmd|/c|npx|-y|x")]
    [InlineData("""{"command": "C:\\Program Files\\nodejs\\npx.cmd", "args": ["-y", "a \"b\" c\\"]}""", "C:\\Program Files\\nodejs\\npx.cmd|-y|a \"b\" c\\")]
    public void WindowsEntry_KeepsItsWords(string entry, string argv)
    {
        using var machine = new TestMachine(MachineKind.Windows, @"C:\Program Files\oktsec\oktsec.exe");
        var path = machine.Write("AppData/Roaming/Claude/claude_desktop_config.json", $$$"""{"mcpServers": {"x": {{{entry}}} } }""");
        var original = File.ReadAllText(path);
        machine.Wrap();
        var proxy = Assert.Single(machine.Find()).Files.Single().Servers.Single().Proxy!;
        Assert.Equal(@"C:\Program Files\oktsec\oktsec.exe", proxy.Program.Single());
        Assert.Equal(argv.Split('|'), proxy.Command);
        machine.Unwrap();
        Assert.Equal(original, File.ReadAllText(path));
    }

    [Fact]
    public void DotnetHost_StandsBeforeTheLibrary() =>
        Assert.Equal(["/usr/bin/dotnet", "/opt/oktsec.dll"], Machine.ThisProgram("/usr/bin/dotnet", "/opt/oktsec.dll"));
}
