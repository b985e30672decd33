using Oktsec.Scanning.Matching;

namespace Oktsec.Scanning.Tests.Matching;

public sealed class LazyDfaTests
{
    // A count behind an unanchored beginning: 2^12 sets of places at which a match may have begun.
    private static readonly LazyDfa Counting = new(Nfa.Compile(RegexParser.Parse("a[ab]{12}c", folded: false)), isAnchored: false, isShortest: true);

    [Fact]
    public void Forward_PatternThatHasSeenManyTexts_StillReadsAShortOneForItsBytes()
    {
        var random = new Random(20261129);
        for (var round = 0; round < 40; round++)
            Spent(random, 2000);

        Assert.InRange(Spent(random, 200), 0, 2 * 200);
    }

    [Fact]
    public void Forward_TextMadeToReachEverNewStates_Pays()
    {
        var random = new Random(20261130);
        for (var round = 0; round < 40; round++)
            Spent(random, 2000);

        Assert.InRange(Spent(random, 200_000), 10 * 200_000, long.MaxValue);
    }

    private static long Spent(Random random, int length)
    {
        var text = new byte[length + 2];
        for (var i = 1; i <= length; i++)
            text[i] = (byte)(random.Next(2) == 0 ? 'a' : 'b');
        (text[0], text[^1]) = (RegexClasses.FieldEnd, RegexClasses.FieldEnd);
        LazyDfa.BeginScan();
        var steps = 0L;
        Counting.Forward(text, 1, ref steps);
        return -steps;
    }
}
