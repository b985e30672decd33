using Oktsec.StdioProxy;

namespace Oktsec.Tests.StdioProxy;

/// <summary>All pieces together are the stream, however it arrives.</summary>
public sealed class RawLinesTests
{
    [Fact]
    public async Task Pieces_OfAnyStream_AreTheStream()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var bytes = new byte[random.Next(0, 30_000)];
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = random.Next(seed % 3 == 0 ? 40 : 4000) switch { 0 => (byte)'\n', 1 => (byte)'\r', _ => (byte)random.Next(256) };
            using var lines = new RawLines(new Chunked(bytes, random), maxLine: 1000);
            using var all = new MemoryStream();
            while (await lines.NextAsync(CancellationToken.None) is { Kind: not RawKind.End } line)
            {
                Assert.Equal(line.Kind == RawKind.Line, line.Body.Length <= 1000 && line.Kind == RawKind.Line);
                Assert.True(line.Kind != RawKind.Line || line.Bytes.Span[..^1].IndexOf((byte)'\n') < 0);
                all.Write(line.Bytes.Span);
            }
            Assert.Equal(bytes, all.ToArray());
        }
    }

    [Fact]
    public async Task Line_OfTheCapsLength_IsOneLine()
    {
        using var lines = new RawLines(new MemoryStream([.. new byte[1000], (byte)'\r', (byte)'\n', .. new byte[1001], (byte)'\n']), maxLine: 1000);
        Assert.Equal((RawKind.Line, 1002), Shape(await lines.NextAsync(CancellationToken.None)));
        Assert.Equal((RawKind.LongEnd, 1002), Shape(await lines.NextAsync(CancellationToken.None)));
        Assert.Equal((RawKind.End, 0), Shape(await lines.NextAsync(CancellationToken.None)));
    }

    private static (RawKind, int) Shape(RawLine line) => (line.Kind, line.Bytes.Length);

    private sealed class Chunked(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span[..Math.Min(buffer.Length, random.Next(1, 700))]));
    }
}
