using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;

namespace Oktsec.Core.Tests.Policy;

public sealed class UriMatcherTests
{
    [Theory]
    [InlineData("file:///data/a.txt", true)]
    [InlineData("file:///data/sub/a.txt", true)]
    [InlineData("file:///data/..hidden", true)]
    [InlineData("file:///data/a..b/100%25", true)]
    [InlineData("file:///data/{path}", true)]
    [InlineData("file:///database", false)]
    [InlineData("FILE:///data/a.txt", false)]
    [InlineData("", false)]
    [InlineData("file:///data/../etc/shadow", false)]
    [InlineData("file:///data/..", false)]
    [InlineData("file:///data/%2e%2e/etc/shadow", false)]
    [InlineData("file:///data/.%2E/etc/shadow", false)]
    [InlineData("file:///data/..%2fetc/shadow", false)]
    [InlineData("file:///data/%252e%252e/etc/shadow", false)]
    [InlineData("file:///data/%25252e%25252e%25252fetc/shadow", false)]
    [InlineData(@"file:///data/..\..\etc\shadow", false)]
    [InlineData("file:///data/..;/etc/shadow", false)]
    [InlineData("file:///data/..?x", false)]
    public void Allows_PatternOfAFolder_StaysInsideIt(string uri, bool isAllowed) =>
        Assert.Equal(isAllowed, new UriMatcher(["file:///data/*"], []).Allows(Resource(uri)));

    [Theory]
    [InlineData("files/*", "files", "file:///a", true)]
    [InlineData("files/*", "other", "file:///a", false)]
    [InlineData("files/*", "other", "files/a", false)] // what a server calls its own must not pass for another's
    [InlineData("files/file:///data/*", "files", "file:///data/a", true)]
    [InlineData("files/file:///data/*", "files", "file:///other/a", false)]
    [InlineData("files/*", "files", "file:///data/../a", false)]
    [InlineData("nobody/*", "nobody", "file:///a", false)] // no such server is configured
    public void Allows_EntryOfOneServer_AllowsNoOthers(string entry, string backend, string uri, bool isAllowed) =>
        Assert.Equal(isAllowed, new UriMatcher([entry], ["files", "other"]).Allows(new Target(TargetKind.Resource, uri, backend, uri, true)));

    [Fact]
    public void Allows_EmptyList_AllowsEverything() => Assert.True(new UriMatcher([], []).Allows(Resource("file:///data/../x")));

    [Fact]
    public void Allows_UriOfALaterBackend_IsJudgedByTheUriItself()
    {
        var uri = new Target(TargetKind.Resource, "oktsec://files/file%3A%2F%2F%2Fdata%2Fa", "files", "file:///data/a", true);

        Assert.True(new UriMatcher(["file:///data/*"], []).Allows(uri));
        Assert.False(new UriMatcher(["file:///other/*"], []).Allows(uri));
        Assert.False(new UriMatcher(["file:///data/*"], []).Allows(uri with { OwnName = "file:///data/../a" }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(50)]
    public void ClimbsUp_EncodedManyTimes_IsSeenOrRefused(int times)
    {
        var dots = "%2e%2e";
        for (var i = 1; i < times; i++)
            dots = dots.Replace("%", "%25", StringComparison.Ordinal);

        Assert.True(UriMatcher.ClimbsUp($"file:///data/{dots}/x"));
        Assert.False(UriMatcher.ClimbsUp("file:///data/" + string.Concat(Enumerable.Repeat("%25", 10_000))));
    }

    private static Target Resource(string uri) => new(TargetKind.Resource, uri, "files", uri, true);
}
