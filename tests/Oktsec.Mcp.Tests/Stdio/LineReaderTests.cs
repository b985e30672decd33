using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Oktsec.Mcp.Stdio;
using Oktsec.Mcp.Tests.Backends;

namespace Oktsec.Mcp.Tests.Stdio;

public sealed class LineReaderTests
{
    private const int Cap = 100_000;

    [Theory]
    [InlineData("a\nb\n", "a|b")]
    [InlineData("a\r\nb\r\n", "a|b")]
    [InlineData("\n\n\r\na\n\n", "a")]
    [InlineData("a\nno end", "a")]
    [InlineData("a\rb\n", "a\rb")]
    [InlineData("", "")]
    public async Task Read_Text_GivesItsLines(string text, string lines)
    {
        var sink = await ReadAsync(Encoding.UTF8.GetBytes(text), [text.Length + 1]);

        Assert.Equal(lines, string.Join('|', sink.Lines.Select(Encoding.UTF8.GetString)));
    }

    [Fact]
    public async Task Read_AnyBytesInAnyPieces_GivesTheSameLines()
    {
        var random = new Random(20261120);
        for (var round = 0; round < 300; round++)
        {
            var bytes = Input(random);
            var pieces = Enumerable.Range(0, 400).Select(_ => random.Next(3) switch { 0 => random.Next(1, 4), 1 => random.Next(1, 5000), _ => random.Next(1, 200_000) });

            var sink = await ReadAsync(bytes, [.. pieces]);

            var (lines, tooLong) = Expected(bytes);
            Assert.Equal(lines.Count, sink.Lines.Count);
            Assert.All(lines.Zip(sink.Lines), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second)));
            Assert.Equal(tooLong.Count, sink.LongLines.Count);
            Assert.All(tooLong.Zip(sink.LongLines), pair =>
            {
                Assert.True(pair.First.AsSpan(0, LineReader.Glimpse).SequenceEqual(pair.Second.Head));
                Assert.True(pair.First.AsSpan().EndsWith(pair.Second.Tail));
                Assert.NotEmpty(pair.Second.Tail);
            });
        }
    }

    [Fact]
    public async Task Read_SinkThrows_EndsThisStreamOnly()
    {
        var sink = new Sink { OnLine = () => throw new InvalidOperationException("a fault") };

        new LineReader(new MemoryStream("a\nb\n"u8.ToArray()), Cap, sink).Start();

        Assert.IsType<InvalidOperationException>(await sink.Ended.Task.WaitAsync(Waits.Long));
    }

    [Fact]
    public async Task Deferred_LongWork_DoesNotHoldUpTheNextLine()
    {
        var pipe = new Pipe();
        using var release = new ManualResetEventSlim();
        var second = new TaskCompletionSource();
        var sink = new Sink();
        sink.OnLine = () =>
        {
            if (sink.Lines.Count == 1)
                sink.Deferred = new Work(() => release.Wait(2 * Waits.Long));
            else
                second.SetResult();
        };
        new LineReader(pipe.Reader.AsStream(), Cap, sink).Start();

        await pipe.Writer.WriteAsync("first\n"u8.ToArray());
        await Eventually.TrueAsync(() => sink.Deferred is null && sink.Lines.Count == 1);
        await pipe.Writer.WriteAsync("second\n"u8.ToArray());

        await second.Task.WaitAsync(Waits.Long);
        release.Set();
        await pipe.Writer.CompleteAsync();
        Assert.Null(await sink.Ended.Task.WaitAsync(Waits.Long));
    }

    private static byte[] Input(Random random)
    {
        var bytes = new ArrayBufferWriter<byte>();
        for (var lines = random.Next(1, 12); lines > 0; lines--)
        {
            var length = random.Next(5) switch { 0 => random.Next(3), 1 => random.Next(5000), 2 => random.Next(200_000), 3 => Cap - 2 + random.Next(5), _ => random.Next(100) };
            var line = new byte[length];
            random.NextBytes(line);
            line.AsSpan().Replace((byte)'\n', (byte)'?');
            bytes.Write(line);
            if (random.Next(4) == 0)
                bytes.Write("\r"u8);
            if (lines > 1 || random.Next(2) == 0)
                bytes.Write("\n"u8);
        }
        return bytes.WrittenSpan.ToArray();
    }

    private static (List<byte[]> Lines, List<byte[]> TooLong) Expected(byte[] bytes)
    {
        List<byte[]> lines = [], tooLong = [];
        var rest = bytes.AsSpan();
        while (rest.IndexOf((byte)'\n') is var end and >= 0)
        {
            var line = rest[..end];
            rest = rest[(end + 1)..];
            var text = line is [.., (byte)'\r'] ? line[..^1] : line;
            if (text.Length > Cap)
                tooLong.Add(text.TrimEnd((byte)'\r').ToArray());
            else if (text.Length > 0)
                lines.Add(text.ToArray());
        }
        return (lines, tooLong);
    }

    private static async Task<Sink> ReadAsync(byte[] bytes, int[] pieces)
    {
        var sink = new Sink();
        new LineReader(new PieceStream(bytes, pieces), Cap, sink).Start();
        Assert.Null(await sink.Ended.Task.WaitAsync(Waits.Long));
        return sink;
    }

    private sealed class Work(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }

    private sealed class Sink : ILineSink
    {
        private byte[] _head = [];

        public List<byte[]> Lines { get; } = [];

        public List<(byte[] Head, byte[] Tail)> LongLines { get; } = [];

        public TaskCompletionSource<Exception?> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Action? OnLine { get; set; }

        public IThreadPoolWorkItem? Deferred { get; set; }

        void ILineSink.OnLine(ReadOnlyMemory<byte> line, byte[]? rented)
        {
            Lines.Add(line.ToArray());
            if (rented is not null)
            {
                rented.AsSpan().Fill(0xEE); // ours now: nobody may still read it
                ArrayPool<byte>.Shared.Return(rented);
            }
            OnLine?.Invoke();
        }

        void ILineSink.OnLongLine(ReadOnlySpan<byte> head) => _head = head.ToArray();

        void ILineSink.OnLongLineEnd(ReadOnlySpan<byte> tail) => LongLines.Add((_head, tail.ToArray()));

        IThreadPoolWorkItem? ILineSink.TakeDeferred()
        {
            var deferred = Deferred;
            Deferred = null;
            return deferred;
        }

        void ILineSink.OnEnd(Exception? error) => Ended.TrySetResult(error);
    }
}
