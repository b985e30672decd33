using Oktsec.Doctor;
using Oktsec.Doctor.Checks;
using Oktsec.Tests.Clients;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Doctor;

/// <summary>What <c>doctor</c> says of clients: protected or not, changed since, able to start.</summary>
public sealed class ClientsCheckTests : IDisposable
{
    private const string Two = """{"mcpServers":{"files":{"command":"npx","args":["-y","files"]},"web":{"command":"uvx","args":["web"]}}}""";

    private static readonly string s_program = Path.Join(AppContext.BaseDirectory, "oktsec");

    private readonly TestMachine _machine = new(program: s_program);
    private readonly string _file;

    public ClientsCheckTests() => _file = _machine.Write(".cursor/mcp.json", Two);

    private HealthLine NotAsked => HealthLine.Warning($"Cursor: does not ask about its own tools: {Path.Join(_machine.Machine.Home, ".cursor/hooks.json")} has no hook of oktsec", "oktsec wrap cursor");

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task NoClients_AreFine()
    {
        File.Delete(_file);
        Assert.Equal([HealthLine.Fine("none with MCP servers on this machine")], await LookAsync());
    }

    [Fact]
    public async Task Bare_IsAProblemWithItsRemedy() =>
        Assert.Equal(
            [HealthLine.Problem("Cursor: files does not pass oktsec", "oktsec wrap cursor"), HealthLine.Problem("Cursor: web does not pass oktsec", "oktsec wrap cursor"), NotAsked],
            await LookAsync());

    [Theory]
    [InlineData(false, "observed")]
    [InlineData(true, "enforced")]
    public async Task Wrapped_IsFine(bool enforce, string how)
    {
        _machine.Wrap(enforce);
        Assert.Equal([HealthLine.Fine($"Cursor: 2 of 2 servers through oktsec, {how}"), HealthLine.Fine($"Cursor: its own tools ask oktsec, {how}")], await LookAsync());
    }

    [Fact]
    public async Task Unwrapped_IsAProblemAgain()
    {
        _machine.Wrap();
        _machine.Unwrap();
        Assert.Equal(2, (await LookAsync()).Count(l => l.Level == HealthLevel.Problem));
    }

    [Fact]
    public async Task EntryTakenOut_SaysThatItWasChangedAfterwards()
    {
        _machine.Wrap();
        var wrapped = await File.ReadAllTextAsync(_file, TestContext.Current.CancellationToken);
        var web = wrapped[wrapped.IndexOf("\"web\"", StringComparison.Ordinal)..];
        await File.WriteAllTextAsync(_file, wrapped.Replace(web, "\"web\":{\"command\":\"uvx\",\"args\":[\"web\"]}}}", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Equal(
            [HealthLine.Fine("Cursor: 1 of 2 servers through oktsec, observed"),
                HealthLine.Problem("Cursor: web does not pass oktsec any more: its entry was changed after it was wrapped", "oktsec wrap cursor"),
                HealthLine.Fine("Cursor: its own tools ask oktsec, observed")],
            await LookAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("preToolUse")] // one event of several is as good as none
    public async Task HookTakenOut_IsSaidWithItsRemedy(string taken)
    {
        _machine.Wrap(enforce: true);
        var hooks = Path.Join(_machine.Machine.Home, ".cursor/hooks.json");
        var text = await File.ReadAllTextAsync(hooks, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(hooks, taken.Length == 0 ? "{}" : text.Replace($"\"{taken}\"", "\"stop\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Contains(NotAsked with { Remedy = "oktsec wrap cursor --enforce" }, await LookAsync());
    }

    [Fact]
    public async Task HookOfAProgramThatIsGone_IsAProblem()
    {
        _machine.Wrap();
        var hooks = Path.Join(_machine.Machine.Home, ".cursor/hooks.json");
        var text = await File.ReadAllTextAsync(hooks, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(hooks, text.Replace(s_program, "/gone/oktsec", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Contains(HealthLine.Problem("Cursor: the hook for its own tools starts /gone/oktsec, which is not there", "oktsec wrap cursor"), await LookAsync());
    }

    [Fact]
    public void Discover_SaysWhoAsksAboutItsOwnTools()
    {
        Assert.Contains("Own tools (shell, files, web): Cursor: not asked about", Discover(isJson: false));
        _machine.Wrap(enforce: true);
        Assert.Contains("Own tools (shell, files, web): Cursor: enforced", Discover(isJson: false));
        var own = System.Text.Json.Nodes.JsonNode.Parse(Discover(isJson: true))!["clients"]![0]!["own_tools"]!;
        Assert.Equal((true, "enforced"), ((bool)own["protected"]!, (string?)own["protection"]));
    }

    [Fact]
    public async Task EnforceTakenOut_IsSaid()
    {
        _machine.Wrap(enforce: true);
        await EditAsync("\"--enforce\", \"--inspect-responses\", ", "");
        var lines = await LookAsync();
        Assert.Contains(HealthLine.Warning("Cursor: the entry of web was changed after it was wrapped, and only observes now", "oktsec wrap cursor --enforce"), lines);
        Assert.Contains(lines, l => l.Text == "Cursor: 2 of 2 servers through oktsec, enforced and observed");
    }

    [Fact]
    public async Task Remote_Unwrapped_IsSaidAndNoFailure()
    {
        _machine.Write(".cursor/mcp.json", """{"mcpServers":{"far":{"url":"https://mcp.example.com/mcp"}}}""");
        Assert.Equal([HealthLine.Warning("Cursor: far is remote and does not pass oktsec", "oktsec wrap cursor says whether it can; docs/clients.md"), NotAsked], await LookAsync());
    }

    [Fact]
    public async Task ProgramGone_IsAProblem()
    {
        _machine.Wrap();
        await EditAsync(s_program, "/gone/oktsec");
        Assert.Contains(HealthLine.Problem("Cursor: files starts /gone/oktsec, which is not there", "oktsec wrap cursor"), await LookAsync());
    }

    [Fact]
    public async Task AnotherProgram_IsAWarning()
    {
        using var folder = new TempFolder();
        File.Copy(s_program, folder["oktsec"]);
        _machine.Wrap(enforce: true);
        await EditAsync(s_program, folder["oktsec"]);
        Assert.Contains(HealthLine.Warning($"Cursor: web starts another oktsec than this one: {folder["oktsec"]}", "oktsec wrap cursor --enforce"), await LookAsync());
    }

    [Fact]
    public async Task BrokenFile_IsAProblemWithThePlace()
    {
        _machine.Write(".codex/config.toml", "[mcp_servers\n");
        Assert.Contains(await LookAsync(), l => l.Level == HealthLevel.Problem && l.Text.StartsWith("Codex CLI: ", StringComparison.Ordinal) && l.Text.Contains("config.toml is left alone: line 1, "));
    }

    [Fact]
    public async Task NameNotInTheConfiguration_IsAProblem()
    {
        _machine.Wrap();
        await File.WriteAllTextAsync(_machine.Machine.ConfigPath, "agents:\n  web: {}\n", TestContext.Current.CancellationToken);
        var line = Assert.Single(await LookAsync(), l => l.Level == HealthLevel.Problem);
        Assert.Equal(($"Cursor: files: {_machine.Machine.ConfigPath} does not name files under agents:, so it is denied", "add it there: files: {}"), (line.Text, line.Remedy));
    }

    [Fact]
    public async Task BrokenConfiguration_IsAProblem()
    {
        _machine.Wrap();
        await File.WriteAllTextAsync(_machine.Machine.ConfigPath, "agnts: {}\n", TestContext.Current.CancellationToken);
        Assert.Contains(await LookAsync(), l => l.Level == HealthLevel.Problem && l.Text.Contains("did you mean agents?") && l.Remedy == $"oktsec verify --config {_machine.Machine.ConfigPath}");
    }

    [Fact]
    public async Task StoreThatIsNone_IsAProblem()
    {
        _machine.Wrap();
        await File.AppendAllTextAsync(_machine.Machine.ConfigPath, "\ndb_path: ./text.db\n", TestContext.Current.CancellationToken);
        _machine.Write(".oktsec/text.db", "this is no database, however long one looks at it; and it is longer than the header of one is");
        Assert.Contains(await LookAsync(), l => l.Level == HealthLevel.Problem && l.Text.StartsWith("Cursor: files: its records cannot be written to ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DisabledServers_StartNothing()
    {
        _machine.Write(".cursor/mcp.json", """{"mcpServers":{"files":{"command":"npx","disabled":true}}}""");
        Assert.DoesNotContain(await LookAsync(), l => l.Level == HealthLevel.Problem);
    }

    private async Task EditAsync(string from, string to)
    {
        var text = await File.ReadAllTextAsync(_file);
        Assert.Contains(from, text);
        await File.WriteAllTextAsync(_file, text.Replace(from, to, StringComparison.Ordinal));
    }

    private ValueTask<IReadOnlyList<HealthLine>> LookAsync() =>
        new ClientsCheck(() => _machine.Machine).LookAsync(new Installation(null, null, TimeProvider.System), TestContext.Current.CancellationToken);

    private string Discover(bool isJson)
    {
        using var output = new StringWriter();
        Oktsec.Commands.DiscoverCommand.Run(_machine.Machine, isJson, output);
        return output.ToString();
    }
}
