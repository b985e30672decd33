using FsCheck;
using FsCheck.Fluent;
using Oktsec.Core.Policy;

namespace Oktsec.Core.Tests.Policy;

public sealed class GlobTests
{
    [Theory]
    [InlineData("read_file", "read_file", true)]
    [InlineData("read_file", "Read_File", false)]
    [InlineData("filesystem_*", "filesystem_", true)]
    [InlineData("filesystem_*", "filesystem", false)]
    [InlineData("*_delete_*", "db_delete_row", true)]
    [InlineData("*", "", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("?", "", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a*a", "a", false)]
    [InlineData("a*a", "aa", true)]
    [InlineData("*ab?*b", "xababb", true)]
    [InlineData("*a?b", "aab", true)]
    [InlineData("[a-z]", "b", false)]
    [InlineData("file:///data/*", "file:///data/a/b.txt", true)]
    [InlineData("**", "anything", true)]
    public void Matches_Case_IsAsExpected(string pattern, string text, bool matches) => Assert.Equal(matches, new Glob(pattern).Matches(text));

    [Theory]
    [InlineData("read_file", "READ_File", true)]
    [InlineData("R?ad*", "rEad_file", true)]
    [InlineData("*É*", "xéx", true)]
    [InlineData("a?B*c", "AxbYC", true)]
    [InlineData("a", "b", false)]
    [InlineData("*k", "\u212a", false)] // the Kelvin sign is another letter, as for every ordinal comparison
    public void Matches_IgnoringCase_IsAsExpected(string pattern, string text, bool matches) =>
        Assert.Equal(matches, new Glob(pattern, ignoreCase: true).Matches(text));

    [Fact]
    public void Matches_IgnoringCase_AgreesWithBothInCapitals()
    {
        var pattern = Gen.Elements("aAb*?".ToCharArray()).ArrayOf().Select(c => new string(c)).ToArbitrary();
        var text = Gen.Elements("aAbB".ToCharArray()).ArrayOf().Select(c => new string(c)).ToArbitrary();

        Prop.ForAll(pattern, text, (p, t) => new Glob(p, ignoreCase: true).Matches(t) == ByDefinition(p.ToUpperInvariant(), t.ToUpperInvariant()))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    [Fact]
    public void Matches_AnyPatternAndText_AgreesWithTheDefinition()
    {
        // Few letters, so that near matches are common.
        var pattern = Gen.Elements("ab*?".ToCharArray()).ArrayOf().Select(c => new string(c)).ToArbitrary();
        var text = Gen.Elements("ab".ToCharArray()).ArrayOf().Select(c => new string(c)).ToArbitrary();

        Prop.ForAll(pattern, text, (p, t) => new Glob(p).Matches(t) == ByDefinition(p, t)).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void Matches_HostileLongText_StaysLinear()
    {
        // A million letters against 60 parts that almost fit everywhere: a backtracking matcher would need 10^60 steps, a quadratic one 10^12.
        var pattern = string.Concat(Enumerable.Repeat("*a?a", 60)) + "*?b*";

        Assert.False(new Glob(pattern).Matches(new string('a', 1_000_000)));
    }

    [Fact]
    public void Head_IsWhatEveryMatchBeginsWith()
    {
        Assert.Equal(("filesystem_", false), (new Glob("filesystem_*").Head, new Glob("filesystem_*").IsLiteral));
        Assert.Equal(("a", true), (new Glob("a").Head, new Glob("a").IsLiteral));
        Assert.Equal("", new Glob("?a").Head);
    }

    private static bool ByDefinition(string pattern, string text)
    {
        // fits[j]: the pattern read so far fits the first j characters.
        var fits = new bool[text.Length + 1];
        fits[0] = true;
        foreach (var p in pattern)
        {
            var next = new bool[text.Length + 1];
            for (var j = 0; j <= text.Length; j++)
            {
                next[j] = p == '*'
                    ? fits[j] || (j > 0 && next[j - 1])
                    : j > 0 && fits[j - 1] && (p == '?' || p == text[j - 1]);
            }
            fits = next;
        }
        return fits[^1];
    }
}
