using System.Text;
using Oktsec.Scanning.Validators;

namespace Oktsec.Scanning.Tests.Validators;

public sealed class InvisibleRunsTests
{
    [Theory]
    [InlineData("tag-characters", "a\U000E0068\U000E0069\U000E0068\U000E0069\U000E0068\U000E0069\U000E0068\U000E0069b", 1, 16)]
    [InlineData("variation-selectors", "x\uFE00\uFE01\U000E0100\uFE02y", 1, 5)]
    [InlineData("zero-width-run", "é\u200B\u200B\uFEFFz", 1, 3)]
    [InlineData("piled-marks", "Z\u0300\u0301\u0302\u0303z", 1, 4)]
    [InlineData("mixed-script", "see pаypal now", 4, 6)]
    [InlineData("mixed-script", "Привет, gооgle", 8, 6)]
    public void Search_FindsTheRun(string name, string text, int index, int length)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Assert.True(Detector.Find(name)!.Next(bytes, 0, out var start, out var end));
        Assert.Equal(text.Substring(index, length), Encoding.UTF8.GetString(bytes, start, end - start));
        Assert.False(Detector.Find(name)!.Next(bytes, end, out _, out _));
    }

    [Theory]
    [InlineData("tag-characters", "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F flag")]
    [InlineData("variation-selectors", "\u2764\uFE0F\u2764\uFE0F\u2764\uFE0F")]
    [InlineData("zero-width-run", "\U0001F468\u200D\U0001F469\u200D\U0001F467 \u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645")]
    [InlineData("piled-marks", "ệ e\u0302\u0323 a\u0301\u0302\u0303")]
    [InlineData("mixed-script", "Привет from API-шный отдел, SQLем, µs, Δx, sinα")]
    public void Search_OrdinaryText_FindsNothing(string name, string text) =>
        Assert.False(Detector.Find(name)!.Next(Encoding.UTF8.GetBytes(text), 0, out _, out _));

    [Fact]
    public void Search_AnyBytes_EndsInsideTheText()
    {
        var random = new Random(5);
        var bytes = new byte[64];
        for (var i = 0; i < 2000; i++)
        {
            random.NextBytes(bytes);
            foreach (var name in Detector.Names)
                for (var at = 0; at < bytes.Length && Detector.Find(name)!.Next(bytes, at, out var start, out var end); at = end)
                    Assert.True(start >= at && end > start && end <= bytes.Length);
        }
    }
}
