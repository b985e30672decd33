using System.Text;
using Oktsec.Mcp.Stdio;

namespace Oktsec.Mcp.Tests.Stdio;

public sealed class StderrRingTests
{
    private const int Capacity = 64 * 1024;

    [Fact]
    public void Append_AnyPieces_KeepsTheEnd()
    {
        var random = new Random(20261120);
        for (var round = 0; round < 200; round++)
        {
            var ring = new StderrRing();
            var all = new StringBuilder();
            for (var pieces = random.Next(20); pieces > 0; pieces--)
            {
                var piece = new string((char)random.Next('a', 'z'), random.Next(4) switch { 0 => random.Next(10), 1 => random.Next(1000), 2 => random.Next(40_000), _ => random.Next(200_000) });
                ring.Append(Encoding.UTF8.GetBytes(piece));
                all.Append(piece);
            }

            var text = all.ToString();
            Assert.Equal(text.Length, ring.Written);
            Assert.Equal(text[Math.Max(0, text.Length - Capacity)..], ring.ToString());
        }
    }

    [Fact]
    public void ToString_NotUtf8_ShowsReplacement()
    {
        var ring = new StderrRing();

        ring.Append([0xFF, (byte)'a']);

        Assert.Equal("\uFFFDa", ring.ToString());
    }
}
