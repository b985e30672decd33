using System.Text;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Tests.Scan;

/// <summary>A pattern of a rule with a condition is not looked at closely where nothing of the others stands near: what is found stays the same.</summary>
public sealed class ConditionGateTests
{
    private const int Near = 100;

    private static readonly Rule Rule = new()
    {
        Id = "T-1",
        Name = "t",
        Category = "custom",
        Severity = Severity.High,
        Near = Near,
        Condition = "first and (second or third)",
        Patterns =
        [
            new("first", PatternType.Regex, "(?:please )?frobnicate(?: the \\w{1,20})?", PatternView.Folded),
            new("second", PatternType.Regex, "(?:very|quite) urgently", PatternView.Folded),
            new("third", PatternType.Regex, "defrosted", PatternView.Folded),
        ],
    };

    private static readonly ContentScanner Scanner = new(RuleSet.Create([Rule], out _));

    [Theory]
    [InlineData("frobnicate", "quite urgently")]
    [InlineData("very urgently", "please frobnicate the fridge")]
    [InlineData("defrosted", "FROBNICATE the abcdefghijklmnopqrst")]
    public void Scan_PartsAtEveryDistance_AreFoundAsFarAsNearSays(string one, string other)
    {
        for (var distance = 1; distance <= Near + 40; distance++)
        {
            var gap = new string('-', distance);
            Assert.True(distance <= Near == Found($"{one}{gap}{other}"), $"{distance} bytes between");
            // Wide in the text, narrow once folded: the source counts.
            Assert.True(distance <= Near == Found($"{one}{new string(' ', distance)}{other}"), $"{distance} blanks between");
        }
    }

    [Fact]
    public void Scan_OneHalfAlone_IsNotFound()
    {
        Assert.False(Found("frobnicate"));
        Assert.False(Found("very urgently defrosted"));
        Assert.False(Found(string.Concat(Enumerable.Repeat("please frobnicate the fridge, ", 500))));
    }

    [Fact]
    public void Scan_HalvesInTwoFields_AreNotFound() =>
        Assert.Empty(Scanner.ScanJson("""[{"a":"frobnicate"},{"b":12345,"c":"defrosted"}]"""u8, Place.Definition, ScanHints.None).Findings);

    [Fact]
    public void Scan_LongText_IsFoundWhereverBothStand()
    {
        var random = new Random(5);
        var filler = string.Concat(Enumerable.Range(0, 3000).Select(_ => random.Next(3) switch { 0 => "frobnicat ", 1 => "urgently ", _ => "defroste " }));
        for (var at = 0; at < filler.Length; at += 997)
            Assert.True(Found(filler.Insert(at, " frobnicate it. It was defrosted ")), $"at {at}");
        Assert.False(Found(filler));
    }

    private static bool Found(string text) => Scanner.ScanText(Encoding.UTF8.GetBytes(text), Place.Result, ScanHints.None).Findings.Count > 0;
}
