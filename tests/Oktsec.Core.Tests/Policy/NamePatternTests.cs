using FsCheck;
using FsCheck.Fluent;
using Oktsec.Core.Policy;

namespace Oktsec.Core.Tests.Policy;

public sealed class NamePatternTests
{
    private static readonly string[] s_backends = ["files", "git", "git_lab", "evil"];

    // What a server called evil might call a tool to be taken for another's.
    [Theory]
    [InlineData("files/read", "files/read")]
    [InlineData("files/*", "files/read")]
    [InlineData("files_read", "files_read")]
    [InlineData("files_*", "files_read")]
    [InlineData("gone/read", "gone/read")]
    [InlineData("file?/read", "files/read")]
    [InlineData("/read", "/read")]
    [InlineData("/", "/")]
    public void Means_NameImitatingAnotherBackend_IsNotMeant(string entry, string own)
    {
        Assert.False(new NamePattern(entry, s_backends).Means(own, "evil", own, isOwnUnique: true));
        Assert.True(new NamePattern(entry, s_backends).Touches(own, "evil", own));
    }

    [Theory]
    [InlineData("files_read", "files", "read", true)]
    [InlineData("files_read", "files", "files_read", true)]
    [InlineData("files_read", "git", "files_read", false)]
    [InlineData("git_lab_search", "git_lab", "search", true)]
    [InlineData("git_lab_search", "git", "lab_search", false)]
    [InlineData("git/lab_search", "git", "lab_search", true)]
    [InlineData("*/search", "git", "search", true)]
    [InlineData("git*/search", "git_lab", "search", true)]
    [InlineData("files/a/b", "files", "a/b", true)]
    [InlineData("search", "git", "search", true)]
    [InlineData("", "git", "", true)]
    [InlineData("", "git", "search", false)]
    public void Means_Entry_NamesBackendAndTool(string entry, string backend, string own, bool isMeant) =>
        Assert.Equal(isMeant, new NamePattern(entry, s_backends).Means(own, backend, own, isOwnUnique: true));

    [Fact]
    public void Means_OwnNameBeginningWithItsBackend_CountsThoughOthersHaveItToo() =>
        Assert.True(new NamePattern("git_search", s_backends).Means("git_git_search", "git", "git_search", isOwnUnique: false));

    [Theory]
    [InlineData("files/read", true)]
    [InlineData("*/read", true)]
    [InlineData("files_read", true)]
    [InlineData("files_*", true)]
    [InlineData("*", true)]
    [InlineData("**", true)]
    [InlineData("read", false)]
    [InlineData("Bash", false)]
    [InlineData("files*", false)]
    [InlineData("*_read", false)]
    [InlineData("?*", false)]
    [InlineData("git_lab_search", false)] // git's lab_search, or git_lab's search
    [InlineData("Files_read", false)]
    public void IsSure_Entry_OnlyWhenTheOperatorNamedTheBackend(string entry, bool isSure)
    {
        Assert.Equal(isSure, new NamePattern(entry, s_backends).IsSure);
        Assert.True(new NamePattern(entry, ["files"]).IsSure);
        Assert.True(new NamePattern(entry, []).IsSure);
    }

    [Theory]
    [InlineData("READ", "files", "read")]
    [InlineData("read", "files", "Read")]
    [InlineData("FILES/*", "files", "read")]
    [InlineData("*_read", "files", "READ")]
    [InlineData("files_read", "evil", "FILES_READ")]
    public void Touches_AnyCase_IsTouched(string entry, string backend, string own) =>
        Assert.True(new NamePattern(entry, s_backends).Touches(own, backend, own));

    [Fact]
    public void Means_AnyEntryAndTool_IsTouchedToo()
    {
        var text = Gen.Elements("a", "b", "_", "/", "*", "?", "A").ArrayOf().Select(string.Concat).ToArbitrary();

        Prop.ForAll(text, text, text, (entry, own, backend) =>
        {
            var pattern = new NamePattern(entry, ["a", "b", "a_b"]);
            return !pattern.Means(own, backend, own, isOwnUnique: true) || pattern.Touches(own, backend, own);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    // The same answer as the sentence in docs/pipeline.md, computed the slow way.
    [Fact]
    public void Means_AnyEntryAndTool_AgreesWithTheDefinition()
    {
        string[] backends = ["a", "b", "a_b"];
        var text = Gen.Elements("a", "b", "_", "/", "*").ArrayOf().Select(string.Concat).ToArbitrary();
        var backend = Gen.Elements(backends).ToArbitrary();

        Prop.ForAll(text, text, backend, (entry, own, of) =>
            new NamePattern(entry, backends).Means("exposed", of, own, isOwnUnique: false) == ByDefinition(entry, backends, of, own))
            .Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private static bool ByDefinition(string entry, string[] backends, string backend, string own)
    {
        if (entry.Split('/', 2) is [var left, var right])
            return new Glob(left).Matches(backend) && new Glob(right).Matches(own);
        var owner = backends.Where(b => entry.StartsWith(b + "_", StringComparison.Ordinal)).OrderByDescending(b => b.Length).FirstOrDefault();
        var glob = new Glob(entry);
        return (owner is null || owner == backend) && (glob.Matches("exposed") || glob.Matches($"{backend}_{own}") || (owner is not null && glob.Matches(own)));
    }
}
