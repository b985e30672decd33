using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Tests.Matching;

public sealed class NfaTests
{
    /// <summary>The size decides at load what is refused; the automaton itself is built when text first needs it.</summary>
    [Fact]
    public void Check_EveryPatternOfThePack_IsTheCompiledSize()
    {
        foreach (var pattern in RuleSet.BuiltIn().All.SelectMany(rule => rule.Patterns))
            if (pattern.Type is PatternType.Regex or PatternType.Contains or PatternType.Word)
                Compare(RuleCompiler.Tree(pattern), pattern.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a|b|")]
    [InlineData("(?:)*")]
    [InlineData("[^\\x00-\\x{10FFFF}]x")]
    [InlineData("[^a]{3,7}.+?\\w{2,}(?i)k\\s*é[à-ü]{0,4}")]
    [InlineData("(?s).{3}\\P{Cyrillic}\\p{Han}{2}$")]
    [InlineData("\\p{Cyrillic}(?:x{0,3}|y{2}){4}")]
    public void Check_PatternOfEverySort_IsTheCompiledSize(string pattern)
    {
        Compare(RegexParser.Parse(pattern, folded: false), pattern);
        Compare(RegexParser.Parse(pattern, folded: true), pattern);
    }

    [Theory]
    [InlineData("(?:x{1000}){19}y{998}", 19_999)]
    [InlineData("(?:x{1000}){19}y{999}", 20_000)]
    public void Check_AtTheLimit_Passes(string pattern, int size) => Assert.Equal(size, Nfa.Check(RegexParser.Parse(pattern, folded: false)));

    [Theory]
    [InlineData("(?:x{1000}){19}y{1000}")]
    [InlineData("(?:(?:(?:x{1000}){1000}){1000}){1000}")]
    [InlineData("(?:(?:(?:(?:x{0,1000}){0,1000}){0,1000}){0,1000}){0,1000}")]
    public void Check_BeyondTheLimit_Refuses(string pattern) =>
        Assert.Contains("larger than 20000 steps", Assert.Throws<PatternException>(() => Nfa.Check(RegexParser.Parse(pattern, folded: false))).Message, StringComparison.Ordinal);

    private static void Compare(RegexNode tree, string pattern)
    {
        Assert.True(Nfa.Compile(tree).Steps.Length == Nfa.Check(tree), pattern);
        Assert.True(Nfa.Compile(tree.Reverse()).Steps.Length == Nfa.Check(tree), $"{pattern}, reversed");
        Assert.Equal(NfaOp.Match, Nfa.Compile(tree).Steps[0].Op);
    }
}
