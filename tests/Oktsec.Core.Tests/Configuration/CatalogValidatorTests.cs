using Oktsec.Core.Configuration;

namespace Oktsec.Core.Tests.Configuration;

public sealed class CatalogValidatorTests
{
    private static readonly CatalogTool[] s_tools =
    [
        new("filesystem_read", "filesystem", "read"),
        new("github_read", "github", "read"),
        new("write_file", "filesystem", "write_file"),
        new("b_c", "a", "b_c"),
        new("c", "a_b", "c"),
        new("fs_list", "github", "fs_list"),
        new("list", "fs", "list"),
        new("fs_list_1a2b3c4d", "github", "fs/list"),
    ];

    [Theory]
    [InlineData("read", "\"read\" fits filesystem/read and github/read; write filesystem/read or github/read, or both")]
    [InlineData("a_b_c", "\"a_b_c\" fits a/b_c and a_b/c; write a/b_c or a_b/c, or both")]
    [InlineData("fs_list", "\"fs_list\" fits github/fs_list and fs/list; write github/fs_list or fs/list, or both")]
    public void Check_EntryFitsTwoBackends_IsAnErrorNamingBoth(string entry, string message)
    {
        var problem = Assert.Single(Check(entry));

        Assert.Equal($"{Sample.File}:1:32: error: agents.bob.allowed_tools[0]: {message}", problem.ToString());
    }

    [Theory]
    [InlineData("filesystem_read")]
    [InlineData("filesystem/read")]
    [InlineData("fs/list")]
    [InlineData("write_file")]
    [InlineData("*")]
    [InlineData("*read")]
    public void Check_EntryOfOneBackendOrPattern_IsFine(string entry) => Assert.Empty(Check(entry));

    [Theory]
    [InlineData("wirte_file", "no known server offers \"wirte_file\"; did you mean write_file?")]
    [InlineData("slack_*", "no known server offers \"slack_*\"")]
    public void Check_EntryFitsNothing_IsAWarning(string entry, string message)
    {
        var problem = Assert.Single(Check(entry));

        Assert.Equal($"{Sample.File}:1:32: warning: agents.bob.allowed_tools[0]: {message}", problem.ToString());
    }

    [Fact]
    public void Check_DeniedEntryFitsTwoBackends_DeniesBothWithoutComplaint()
    {
        Assert.Empty(CatalogValidator.Check(Sample.Read("agents: {bob: {denied_tools: [read]}}"), s_tools, []));
    }

    [Fact]
    public void Check_SomeBackendNeverSeen_EntryMayBeIts()
    {
        Assert.Empty(CatalogValidator.Check(Sample.Read("agents: {bob: {allowed_tools: [other]}}"), s_tools, ["slack"]));
    }

    private static IReadOnlyList<ConfigProblem> Check(string entry) =>
        CatalogValidator.Check(Sample.Read($"agents: {{bob: {{allowed_tools: [\"{entry}\"]}}}}"), s_tools, []);
}
