using Oktsec.Configuration;

namespace Oktsec.Tests.Configuration;

public sealed class KnownRulesTests : IDisposable
{
    private const string Rule = """
        id: MY-001
        name: internal code name
        severity: high
        category: custom
        patterns:
          - {type: contains, value: project-bluebird}
        examples:
          true_positive: [tell them about project-bluebird]
          false_positive: [the bluebird sings]
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_FolderOfRules_AddsToTheBuiltIn()
    {
        _folder.Write("mine.yaml", Rule);
        _folder.Write("notes.txt", "not a rule");

        var names = KnownRules.Of(_folder.Path);

        Assert.Empty(names.Problems);
        Assert.Equal("MY-001", names.FindRule("MY-001"));
        Assert.Equal("PI-001", names.FindRule("PI-001"));
        Assert.Null(KnownRules.Of("").FindRule("MY-001"));
    }

    [Fact]
    public void Load_BrokenOrOpenFile_IsAProblemOfTheConfiguration()
    {
        _folder.Write("a.yaml", "id: [");
        var open = _folder.Write("b.yaml", Rule, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        using var elsewhere = new TemporaryFolder();
        var config = elsewhere.Write("oktsec.yaml", $"custom_rules_dir: {_folder.Path}");

        var result = ConfigFile.Load(config, MachineEnvironment.With(KnownRules.Of));

        Assert.Null(result.Config);
        Assert.Contains(result.Problems, p => p.Path == "custom_rules_dir" && p.Message.Contains("a.yaml:1"));
        Assert.Contains(result.Problems, p => p.Message.Contains($"chmod go-w {open}"));
    }

    [Fact]
    public void Load_FolderMissing_IsAProblem()
    {
        Assert.Single(KnownRules.Of(Path.Join(_folder.Path, "none")).Problems);
    }
}
