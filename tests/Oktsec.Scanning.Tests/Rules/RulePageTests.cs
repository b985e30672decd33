using System.Runtime.CompilerServices;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Tests.Rules;

public sealed class RulePageTests
{
    /// <summary>OKTSEC_WRITE_DOCS=1 writes the page instead, as <c>oktsec rules docs</c> does.</summary>
    [Fact]
    public void DocsRules_BuiltInPack_AreTheSame()
    {
        var page = RulePage.Write(RuleSet.BuiltIn());
        if (Environment.GetEnvironmentVariable("OKTSEC_WRITE_DOCS") == "1")
            File.WriteAllText(RepositoryFile.Path("docs/rules.md"), page);
        Assert.True(File.ReadAllText(RepositoryFile.Path("docs/rules.md")) == page, "docs/rules.md is not what the rules say: run this test with OKTSEC_WRITE_DOCS=1, or oktsec rules docs");
    }

    [Fact]
    public void Write_TextWithMarkup_IsEscaped()
    {
        var rules = RuleSet.Create([new Rule { Id = "X-1", Name = "x", Category = "custom", Severity = Severity.Low, Description = "<b> `a`\n*b* [c](d) | e" }], out _);
        Assert.Contains(@"\<b\> \`a\` \*b\* \[c\](d) \| e", RulePage.Write(rules), StringComparison.Ordinal);
    }
}

/// <summary>Files of the repository, found from where this one was compiled.</summary>
internal static class RepositoryFile
{
    public static string Path(string relative) => System.IO.Path.Join(Root(), relative);

    private static string Root([CallerFilePath] string here = "") => System.IO.Path.GetFullPath(System.IO.Path.Join(here, "../../../.."));
}
