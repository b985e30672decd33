using System.Text.RegularExpressions;
using Oktsec.Clients;
using Oktsec.Tests.Clients;
using Oktsec.Tests.Peers;

namespace Oktsec.Tests.Examples;

/// <summary>docs/clients/: each command as written, by the real executable, in a home with a file of every client; then every file is what it was.</summary>
public sealed class ClientPagesTests : IDisposable
{
    private readonly OktsecHome _home = new();

    public static TheoryData<string> Pages => ["claude.md", "editors.md", "terminal.md", "assistants.md"];

    public void Dispose() => _home.Dispose();

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_EveryCommand_WorksAndIsUndone(string page)
    {
        var files = ClientFixtures.All.Where(f => !f.File.StartsWith("../", StringComparison.Ordinal)).DistinctBy(f => f.File).ToDictionary(f => _home.Write(f.File, f.Text), f => f.Text);
        files[_home.Write("mcp.json", """{"mcpServers":{"a":{"command":"npx"}}}""")] = """{"mcpServers":{"a":{"command":"npx"}}}""";
        foreach (var command in Commands(page))
        {
            var (exit, output, error) = await _home.RunAsync(command.Split(' ')[1..]);
            Assert.True(exit == 0, $"{command}: {exit}\n{output}{error}");
            Assert.DoesNotContain("not-a-real-one", output + error);
            if (command.StartsWith("oktsec wrap", StringComparison.Ordinal) && !command.Contains("--dry-run", StringComparison.Ordinal))
                Assert.Matches("(?m)(^Wrapped |behind the gateway at )", output);
        }
        Assert.All(files, f => Assert.Equal(f.Value, File.ReadAllText(f.Key)));
    }

    [Fact]
    public void Pages_NameEveryClient()
    {
        var text = string.Join('\n', Pages.SelectMany(p => Commands(p.Data))) + File.ReadAllText(Path.Join(Folder, "assistants.md"));
        Assert.All(KnownClients.All, c => Assert.Matches($@"oktsec wrap {c.Id}\b", text));
    }

    private static string Folder => Path.Join(PeerPaths.Root, "docs", "clients");

    private static List<string> Commands(string page) =>
        [.. Regex.Matches(File.ReadAllText(Path.Join(Folder, page)), "```sh\n(.*?)```", RegexOptions.Singleline, TimeSpan.FromSeconds(1))
            .SelectMany(m => m.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
}
