using System.IO.Pipelines;
using System.Text;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Stdio;
using Oktsec.Mcp.Tests.Backends;

namespace Oktsec.Mcp.Tests.Stdio;

public sealed class LineWriterTests
{
    [Fact]
    public void Write_NewId_ReplacesItAndNothingElse()
    {
        var stream = new MemoryStream();
        var writer = new LineWriter(stream, _ => { });

        writer.TryWrite("""{"id":"agent","x":1}"""u8, new ByteRange(6, 7), 42, out _);
        writer.TryWrite("""{"x":2}"""u8, default, null, out _);

        Assert.Equal("{\"id\":42,\"x\":1}\n{\"x\":2}\n", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Theory]
    [InlineData("{\n\"a\":1}", "{ \"a\":1}\n")]
    [InlineData("{\r\n\"a\":1\r}", "{  \"a\":1 }\n")]
    [InlineData("{\"a\":\n{\"jsonrpc\":\"2.0\",\"id\":7}\n}", "{\"a\": {\"jsonrpc\":\"2.0\",\"id\":7} }\n")]
    public void Write_LineBreaks_BecomeSpaces(string message, string line)
    {
        var stream = new MemoryStream();

        new LineWriter(stream, _ => { }).TryWrite(Encoding.UTF8.GetBytes(message), default, null, out _);

        Assert.Equal(line, Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public async Task Write_ManyThreads_EveryLineIsWhole()
    {
        var pipe = new Pipe();
        var writer = new LineWriter(pipe.Writer.AsStream(), _ => { });
        var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(async () =>
        {
            for (var i = 0; i < 500; i++)
            {
                var message = Encoding.UTF8.GetBytes($"{thread}:{i}:{new string('x', i)}");
                while (writer.TryWrite(message, default, null, out var room) is null)
                    await room;
            }
        })));
        var reading = ReadLinesAsync(pipe.Reader, 8 * 500);

        await writing.WaitAsync(Waits.Long);
        var lines = await reading.WaitAsync(Waits.Long);

        foreach (var ofThread in lines.Select(line => line.Split(':')).GroupBy(parts => parts[0]))
        {
            Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i}"), ofThread.Select(parts => parts[1]));
            Assert.All(ofThread, parts => Assert.Equal(int.Parse(parts[1]), parts[2].Length));
        }
    }

    [Fact]
    public async Task Write_PeerDoesNotRead_MemoryIsBoundedAndRoomComesBack()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1000, resumeWriterThreshold: 500));
        var writer = new LineWriter(pipe.Writer.AsStream(), _ => { });
        var message = new byte[1024 * 1024];
        var accepted = 0;
        Task room;
        while (writer.TryWrite(message, default, null, out room) is not null)
            accepted++;

        Assert.InRange(accepted, 3, 5); // one on its way, 4 MiB waiting
        Assert.False(room.IsCompleted);
        Assert.True(writer.WasHandedOver(0));
        Assert.False(writer.WasHandedOver(2 * message.Length));

        var read = await pipe.Reader.ReadAsync();
        pipe.Reader.AdvanceTo(read.Buffer.End);
        await room.WaitAsync(Waits.Long);
        Assert.NotNull(writer.TryWrite(message, default, null, out _));
    }

    [Fact]
    public async Task Write_BrokenStream_ThrowsAndTellsOnce()
    {
        var failures = 0;
        var stream = new BreakableStream();
        var writer = new LineWriter(stream, _ => failures++);
        while (writer.TryWrite(new byte[1024 * 1024], default, null, out _) is not null)
        {
        }
        writer.TryWrite(new byte[1024 * 1024], default, null, out var room);

        stream.Break();

        await room.WaitAsync(Waits.Long);
        Assert.Throws<IOException>(() => writer.TryWrite("x"u8, default, null, out _));
        Assert.Equal(1, failures);
    }

    private static async Task<List<string>> ReadLinesAsync(PipeReader reader, int count)
    {
        using var text = new StreamReader(reader.AsStream());
        List<string> lines = [];
        while (lines.Count < count)
            lines.Add((await text.ReadLineAsync())!);
        return lines;
    }

    /// <summary>Takes nothing until it breaks.</summary>
    private sealed class BreakableStream : MemoryStream
    {
        private readonly TaskCompletionSource _broken = new();

        public void Break() => _broken.SetException(new IOException("broken pipe"));

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => await _broken.Task;
    }
}
