using System.Text;
using Oktsec.Scanning.Validators;

namespace Oktsec.Scanning.Tests.Validators;

/// <summary>The two searches for what nobody sees: what they take, and that nothing breaks or slows them.</summary>
public sealed class HiddenTextTests
{
    [Theory]
    [InlineData("a\u001b[31mb", "ab")]
    [InlineData("a\u001b[", "a")]
    [InlineData("a\u001b", "a")]
    [InlineData("a\u001b]0;title\u001b\\b", "ab")]
    [InlineData("a\u001b]0;title\u0007b", "ab")]
    [InlineData("a\u001b]0;never ends", "a0;never ends")]
    [InlineData("a\u001b]0;\u001b[1mb", "a0;b")]
    [InlineData("a\u001bMb\u001b(0c", "abc")]
    [InlineData("a\u009b2Kb\u008dc", "abc")]
    [InlineData("a\u009d0;été\u009cb", "ab")]
    [InlineData("a\u001b]0;x\u009cb\u0090c\u009b1m\u0007", "abc\u0007")]
    [InlineData("a\u0085b é Â", "a\u0085b é Â")]
    [InlineData("a\b\u0000\u0007\u001ab", "a\b\u0000\u0007\u001ab")]
    public void Terminal_Sequence_IsTakenWhole(string text, string left) => Assert.Equal(left, Without(TerminalEscapes.Next, text));

    [Theory]
    [InlineData("a\u200b\u2060b\u200b", "ab")]
    [InlineData("\u202eabc\u202c", "abc")]
    [InlineData("x\U000E0061\U000E0062y", "xy")]
    [InlineData("x\u200ey", "xy")]
    [InlineData("\uFEFFabc", "\uFEFFabc")]
    [InlineData("\u001e\uFEFFabc\u001f\uFEFFd\uFEFFe", "\u001e\uFEFFabc\u001f\uFEFFde")]
    [InlineData("❤\uFE0F 👩\u200D🚀 e\u0301 x\u20D7", "❤\uFE0F 👩\u200D🚀 e\u0301 x\u20D7")]
    [InlineData("葛\U000E0100 ⠿⠀", "葛\U000E0100 ⠿⠀")]
    public void Hidden_Run_IsTakenButWhatLettersNeedStays(string text, string left) => Assert.Equal(left, Without(HiddenRuns.Next, text));

    [Fact]
    public void Search_AnyBytes_GivesRangesInOrder()
    {
        var random = new Random(7); // any seed: the same inputs each time
        byte[] favourites = [0x1B, (byte)'[', (byte)']', (byte)'\\', 0x07, 0xC2, 0x9B, 0x9D, 0xE2, 0x80, 0x8B, 0xF3, 0xA0, 0x81, (byte)'a', (byte)'0'];
        for (var round = 0; round < 100_000; round++)
        {
            var text = new byte[random.Next(24)];
            for (var i = 0; i < text.Length; i++)
                text[i] = random.Next(4) == 0 ? (byte)random.Next(256) : favourites[random.Next(favourites.Length)];
            foreach (var next in (DetectorSearch[])[TerminalEscapes.Next, HiddenRuns.Next])
            {
                var at = 0;
                while (next(text, at, out var start, out var end))
                {
                    Assert.True(at <= start && start < end && end <= text.Length, Convert.ToHexString(text));
                    at = end;
                }
            }
        }
    }

    [Theory]
    [InlineData("\u001b]")]
    [InlineData("\u001b[")]
    [InlineData("\u001b]x\u001b")]
    [InlineData("\u0090")]
    [InlineData("\u009dé")]
    [InlineData("\u200bx")]
    [InlineData("\u200b")]
    public void Search_AMebibyteOfOnePiece_EndsSoon(string piece)
    {
        // Quadratic, it would not end within the run's time limit.
        var text = string.Concat(Enumerable.Repeat(piece, (1 << 20) / piece.Length));
        Assert.NotEqual(text, Without(TerminalEscapes.Next, Without(HiddenRuns.Next, text)));
    }

    private static string Without(DetectorSearch next, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var left = new MemoryStream();
        var at = 0;
        while (next(bytes, at, out var start, out var end))
        {
            left.Write(bytes.AsSpan(at, start - at));
            at = end;
        }
        left.Write(bytes.AsSpan(at));
        return Encoding.UTF8.GetString(left.ToArray());
    }
}
