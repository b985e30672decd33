using FsCheck;
using FsCheck.Fluent;
using Oktsec.Core.Policy;

namespace Oktsec.Core.Tests.Policy;

public sealed class ToolMatcherTests
{
    private static readonly string[] s_backends = ["filesystem", "github", "file"];

    [Theory]
    [InlineData("read_file", true, true)]
    [InlineData("read_file", false, false)]
    [InlineData("filesystem_read_file", true, true)]
    [InlineData("filesystem_read_file", false, true)]
    [InlineData("filesystem/read_file", true, true)]
    [InlineData("filesystem/read_file", false, true)]
    [InlineData("filesystem_*", true, true)]
    [InlineData("filesystem/*", false, true)]
    [InlineData("read_*", true, true)]
    [InlineData("read_*", false, false)]
    [InlineData("*", false, true)]
    [InlineData("github/read_file", true, false)]
    [InlineData("github_*", true, false)]
    [InlineData("write_file", true, false)]
    [InlineData("READ_FILE", true, false)]
    public void Allows_Entry_FitsTheSpellingsOfATool(string entry, bool isUnique, bool allowed)
    {
        var exposed = isUnique ? "read_file" : "filesystem_read_file";

        Assert.Equal(allowed, new ToolMatcher([entry], [], s_backends).Allows(exposed, "filesystem", "read_file", isUnique));
    }

    [Fact]
    public void Allows_EmptyLists_AllowEverything()
    {
        Assert.True(ToolMatcher.Everything.Allows("a", "b", "c", false));
        Assert.True(new ToolMatcher([], ["x"]).Allows("a", "b", "c", false));
    }

    [Theory]
    [InlineData("read_file")]
    [InlineData("filesystem_*")]
    [InlineData("filesystem/read_file")]
    [InlineData("*file")]
    public void Allows_DeniedEntry_WinsEvenWhenTheBareNameIsShared(string denied)
    {
        Assert.False(new ToolMatcher(["*"], [denied], s_backends).Allows("filesystem_read_file", "filesystem", "read_file", isOwnUnique: false));
    }

    // A backend chooses its tools' names: it must not get what was allowed to another.
    [Theory]
    [InlineData("filesystem_*")]
    [InlineData("filesystem_write_file")]
    [InlineData("filesystem/*")]
    public void Allows_ToolNamedLikeAnotherBackends_IsNotReached(string entry)
    {
        var tools = new ToolMatcher([entry], [], s_backends);

        Assert.False(tools.Allows("filesystem_write_file", "github", "filesystem_write_file", isOwnUnique: true));
        Assert.True(tools.Allows("write_file", "filesystem", "write_file", isOwnUnique: true));
    }

    // A server may take names in any case; forbidding too much is the safe side.
    [Theory]
    [InlineData("write_file", "Write_File")]
    [InlineData("WRITE_*", "write_file")]
    [InlineData("filesystem/write_file", "WRITE_FILE")]
    public void Allows_DeniedInAnotherCase_IsDenied(string denied, string own)
    {
        Assert.False(new ToolMatcher([], [denied], s_backends).Allows(own, "filesystem", own, isOwnUnique: true));
        Assert.False(new ToolMatcher([own], [denied], s_backends).Allows(own, "filesystem", own, isOwnUnique: true));
    }

    // No server of that name is configured any more, and another offers a tool that is called so from slash to slash.
    [Fact]
    public void Allows_SlashEntryOfNoConfiguredBackend_ReachesNobodyElse() =>
        Assert.False(new ToolMatcher(["gone/read"], [], s_backends).Allows("gone_read", "github", "gone/read", isOwnUnique: true));

    [Fact]
    public void Allows_BackendNamesThatBeginAlike_TheLongerOneIsMeant()
    {
        var tools = new ToolMatcher(["a_b_c"], [], ["a", "a_b"]);

        Assert.True(tools.Allows("c", "a_b", "c", isOwnUnique: true));
        Assert.False(tools.Allows("b_c", "a", "b_c", isOwnUnique: true));
    }

    [Fact]
    public void Allows_NamesOfAnyLength_AreJoinedRight()
    {
        var own = new string('x', 5000);

        Assert.True(new ToolMatcher([$"b/{own}"], []).Allows("short", "b", own, isOwnUnique: false));
    }

    [Fact]
    public void Allows_AnyLists_KeepTheLaws()
    {
        var name = Gen.Elements("a", "b", "a_b", "a/b", "x_*", "*", "a*", "?", "b_a", "filesystem_a").ToArbitrary();
        var names = Gen.Elements("a", "b", "a_b", "a/b", "x_*", "*", "a*", "?", "b_a", "filesystem_a").ListOf().ToArbitrary();

        Prop.ForAll(names, names, name, (allowed, denied, tool) =>
        {
            var own = tool.Replace('*', 'z').Replace('?', 'y');
            bool Allows(IEnumerable<string> a, IEnumerable<string> d, bool unique = true) => new ToolMatcher(a, d, s_backends).Allows(own, "filesystem", own, unique);

            // Denying more never allows more; allowing more never allows less, but for the first entry of all; order does not matter.
            return (!Allows(allowed, [.. denied, "b"]) || Allows(allowed, denied))
                && (allowed.Count == 0 || !Allows(allowed, denied) || Allows([.. allowed, "b"], denied))
                && Allows(Enumerable.Reverse(allowed), Enumerable.Reverse(denied)) == Allows(allowed, denied)
                && !Allows(allowed, [.. denied, "*"])
                && Allows([.. allowed, "filesystem/*"], [])
                && (!Allows(allowed, denied, unique: false) || Allows(allowed, denied));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void Allows_OnlyEntryIsAmbiguous_AllowsNothing()
    {
        var matcher = new ToolMatcher(["read_file"], [], ["files", "github"], new HashSet<string> { "read_file" });

        Assert.False(matcher.Allows("read_file", "files", "read_file", true));
        Assert.False(matcher.Allows("anything", "github", "anything", true));
    }
}
