using System.Text;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Tests.Stdio;

namespace Oktsec.Mcp.Tests.Backends;

public sealed class EventReaderTests
{
    [Theory]
    [InlineData("data: a\n\ndata:b\r\n\r\n", "message=a|message=b")]
    [InlineData("event: x\ndata: a\ndata: b\n\n", "x=a\nb")]
    [InlineData(": comment\n\nid: 1\ndata\n\n", "message=")]
    [InlineData("data: cut", "")]
    public async Task Read_Stream_GivesItsEvents(string text, string events)
    {
        var (read, _) = await ReadAsync(Encoding.UTF8.GetBytes(text), 1000, [3]);

        Assert.Equal(events, string.Join('|', read));
    }

    [Theory]
    [InlineData("id: a-1\ndata: x\n\n", "a-1")]
    [InlineData("id: a-1\n\n", "a-1")]
    [InlineData("data: x\n\n", null)]
    [InlineData("id: caf\u00e9\ndata: x\n\n", null)]
    [InlineData("id: a\u0001b\ndata: x\n\n", null)]
    public async Task LastEventId_OnlyWhatFitsIntoAHeader(string text, string? id)
    {
        var (_, reader) = await ReadAsync(Encoding.UTF8.GetBytes(text), 1000, [100]);

        Assert.Equal(id, reader.LastEventId);
    }

    [Theory]
    [InlineData("data: x\n\n", null)]
    [InlineData("retry: 2500\n\n", 2500)]
    [InlineData("retry: 0\n\n", 100)]
    [InlineData("retry: -5\n\n", null)]
    public async Task Retry_IsTheServersButNeverAtOnce(string text, int? milliseconds) =>
        Assert.Equal(milliseconds, (int?)(await ReadAsync(Encoding.UTF8.GetBytes(text), 1000, [100])).Reader.Retry?.TotalMilliseconds);

    [Fact]
    public async Task LastEventId_TooLong_IsNone() =>
        Assert.Null((await ReadAsync(Encoding.UTF8.GetBytes($"id: {new string('x', 2000)}\ndata: x\n\n"), 10_000, [100])).Reader.LastEventId);

    [Theory]
    [InlineData("data: ")]
    [InlineData(": ")]
    [InlineData("x")]
    public async Task Read_EndlessEvent_StopsAtTheCap(string start)
    {
        var bytes = new byte[10_000_000];
        bytes.AsSpan().Fill((byte)'z');
        Encoding.UTF8.GetBytes(start).CopyTo(bytes, 0);

        await Assert.ThrowsAsync<EventTooLargeException>(() => ReadAsync(bytes, 1000, [4096]));
    }

    [Fact]
    public async Task Read_ManyEvents_AreNotCountedTogether()
    {
        var text = string.Concat(Enumerable.Repeat($"data: {new string('x', 900)}\n\n", 1000));

        Assert.Equal(1000, (await ReadAsync(Encoding.UTF8.GetBytes(text), 1000, [5000])).Events.Count);
    }

    [Fact]
    public async Task Read_AnyBytesInAnyPieces_NeverThrowsAndGivesTheSame()
    {
        var random = new Random(20261120);
        var words = new[] { "data:", "data: ", "event:", "id:", "retry:", "\n", "\r", "\r\n", "\n\n", ":", "x", "{\"a\":1}", "9", "\u00e9", "\uFEFF", "\0" };
        for (var round = 0; round < 3000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => words[random.Next(words.Length)]));
            byte[] bytes = [.. Encoding.UTF8.GetBytes(text), .. random.Next(4) == 0 ? [0xFF, 0xC0] : Array.Empty<byte>()];

            var (whole, _) = await ReadAsync(bytes, 100_000, [bytes.Length + 1]);
            var (pieces, _) = await ReadAsync(bytes, 100_000, [random.Next(1, 8), random.Next(1, 8)]);

            Assert.Equal(whole, pieces);
        }
    }

    [Fact]
    public async Task Oversized_InAnyPlaceAndPieces_IsCutAndTheOthersAreWhole()
    {
        var random = new Random(20261129);
        var newlines = new[] { "\n", "\r", "\r\n" };
        for (var round = 0; round < 400; round++)
        {
            var newline = newlines[random.Next(3)];
            var (text, expected) = (new StringBuilder(), new List<string>());
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                var isLong = random.Next(3) == 0;
                var data = $"{{\"id\":{i},{new string('y', isLong ? random.Next(70_000, 100_000) : random.Next(900))},\"id\":{i}}}";
                text.Append(random.Next(2) == 0 ? $": comment{newline}" : "").Append($"event: message{newline}data: {data}{newline}{newline}");
                expected.Add(isLong ? $"{OversizedEvents.Type} {i}" : $"message {data}");
            }
            var events = new EventReader(new PieceStream(Encoding.UTF8.GetBytes(text.ToString()), [random.Next(1, 50), random.Next(1, 30_000)]), 2000);
            var read = new List<string>();
            await foreach (var item in events.ReadAsync(CancellationToken.None))
                read.Add(item.Tail is { } tail ? $"{item.Type} {Oktsec.Mcp.Envelope.IdPeek.FromTail(tail)}" : $"{item.Type} {Encoding.UTF8.GetString(item.Data.Span)}");
            Assert.Equal(expected, read);
        }
    }

    [Fact]
    public async Task Oversized_WithoutAnEnd_IsGivenUp()
    {
        var bytes = new byte[2_000_000];
        bytes.AsSpan().Fill((byte)'z');
        await Assert.ThrowsAsync<EventTooLargeException>(async () =>
        {
            await foreach (var _ in new EventReader(new PieceStream(bytes, [4096]), 1000).ReadAsync(CancellationToken.None))
            {
            }
        });
    }

    private static async Task<(List<string> Events, EventReader Reader)> ReadAsync(byte[] bytes, int cap, int[] pieces)
    {
        var reader = new EventReader(new PieceStream(bytes, pieces), cap);
        List<string> events = [];
        await foreach (var item in reader.ReadAsync(CancellationToken.None))
            events.Add($"{item.Type}={Encoding.UTF8.GetString(item.Data.Span)}");
        return (events, reader);
    }
}
