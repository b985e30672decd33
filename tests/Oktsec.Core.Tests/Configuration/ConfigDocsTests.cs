using System.Text.RegularExpressions;
using Oktsec.Core.Configuration;
using Oktsec.Core.Configuration.Schema;

namespace Oktsec.Core.Tests.Configuration;

public sealed partial class ConfigDocsTests
{
    [Fact]
    public void Docs_Tables_EqualTheListOfKeys()
    {
        var text = File.ReadAllText(ConfigDocs.Path);
        var written = ConfigDocs.WithTables(text);
        // OKTSEC_WRITE_DOCS=1 brings the file up to date instead of comparing.
        if (Environment.GetEnvironmentVariable("OKTSEC_WRITE_DOCS") == "1")
            File.WriteAllText(ConfigDocs.Path, text = written);

        Assert.Equal(written, text);
        Assert.Empty(ConfigDocs.Missing(text));
    }

    [Fact]
    public void Docs_EveryBlockOfYaml_LoadsWithoutErrors()
    {
        var blocks = YamlBlock().Matches(File.ReadAllText(ConfigDocs.Path)).Select(match => match.Groups[1].Value).ToList();

        Assert.True(blocks.Count >= 2);
        Assert.All(blocks, block => Assert.Empty(Sample.Errors(block.Replace("TICKETS_TOKEN", "DB_PASSWORD"))));
    }

    public static TheoryData<string> Documented => [.. ConfigKeys.All.Where(key => key.Notice.Length == 0 && key.Canonical.Length == 0 && key.Type != KeyType.Anything).Select(key => key.Path)];

    [Theory]
    [MemberData(nameof(Documented))]
    public void Key_HasADocAndAnExampleThatIsRead(string path)
    {
        var key = ConfigKeys.All.Single(key => key.Path == path);
        Assert.EndsWith(".", key.Doc);
        if (key.IsSection)
            return;
        Assert.NotEmpty(key.Example);

        var errors = Sample.Errors(Yaml(key));

        // Other keys may be missing around it; this one is as it should be.
        Assert.DoesNotContain(errors, e => e.Path.Split('.', '[').Contains(key.Name));
    }

    // agents.NAME.allowed_tools with example [a] -> agents: {name: {allowed_tools: [a]}}
    private static string Yaml(ConfigKey key)
    {
        var yaml = $"{key.Name}: {key.Example.Replace("GITHUB_TOKEN", "DB_PASSWORD").Replace("ALERT_TOKEN", "DB_PASSWORD").Replace("${SLACK_WEBHOOK_URL}", "https://h.example/")}";
        foreach (var step in key.Path.Split('.').SkipLast(1).Reverse())
            yaml = step.EndsWith("[]", StringComparison.Ordinal) ? $"{step[..^2]}: [{{{yaml}}}]" : $"{step.ToLowerInvariant()}: {{{yaml}}}";
        return yaml;
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex YamlBlock();
}
