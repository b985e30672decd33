using Oktsec.Mcp.Tests.Backends;
using Oktsec.Tests.Support;

namespace Oktsec.Mcp.Tests.Polling;

public sealed class PipeEndTests : IDisposable
{
    // A pipe holds 64 KiB (pipe(7)): what is larger has to wait for its reader.
    private const int LargerThanPipe = 300_000;

    private readonly PolledPipe _pipe = new();

    public void Dispose() => _pipe.Dispose();

    [Fact]
    public async Task Read_NothingThere_WaitsForIt()
    {
        var buffer = new byte[16];
        var read = _pipe.Reader.ReadAsync(buffer);
        Assert.False(read.IsCompleted);

        await _pipe.Writer.WriteAsync("hello"u8.ToArray());

        Assert.Equal(5, await read.AsTask().WaitAsync(Waits.Long));
        Assert.Equal("hello"u8, buffer.AsSpan(0, 5));
    }

    [Fact]
    public async Task Read_WrittenAndClosedBefore_GivesTheBytesThenTheEnd()
    {
        await _pipe.Writer.WriteAsync("last words"u8.ToArray());
        _pipe.Writer.Dispose();
        var buffer = new byte[100];

        Assert.Equal(10, await _pipe.Reader.ReadAsync(buffer).AsTask().WaitAsync(Waits.Long));
        Assert.Equal(0, await _pipe.Reader.ReadAsync(buffer).AsTask().WaitAsync(Waits.Long));
        Assert.Equal(0, await _pipe.Reader.ReadAsync(buffer).AsTask().WaitAsync(Waits.Long));
    }

    [Fact]
    public async Task Read_WriterClosesMeanwhile_Ends()
    {
        var read = _pipe.Reader.ReadAsync(new byte[16]);

        _pipe.Writer.Dispose();

        Assert.Equal(0, await read.AsTask().WaitAsync(Waits.Long));
    }

    [Fact]
    public async Task Read_Cancelled_EndsAndLosesNothing()
    {
        using var cancel = new CancellationTokenSource();
        var read = _pipe.Reader.ReadAsync(new byte[16], cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.AsTask().WaitAsync(Waits.Long));
        await _pipe.Writer.WriteAsync("after"u8.ToArray());
        Assert.Equal(5, await _pipe.Reader.ReadAsync(new byte[16]).AsTask().WaitAsync(Waits.Long));
    }

    [Fact]
    public async Task Read_ClosedOnOurSide_Ends()
    {
        var read = _pipe.Reader.ReadAsync(new byte[16]);

        _pipe.Reader.Dispose();

        Assert.Equal(0, await read.AsTask().WaitAsync(Waits.Long));
        Assert.Equal(0, await _pipe.Reader.ReadAsync(new byte[16]));
    }

    [Fact]
    public async Task Write_MoreThanFits_WaitsForTheReader()
    {
        var bytes = new byte[LargerThanPipe];
        new Random(7).NextBytes(bytes);

        var write = _pipe.Writer.WriteAsync(bytes);
        Assert.False(write.IsCompleted);
        var received = new byte[bytes.Length];
        await _pipe.Reader.ReadExactlyAsync(received).AsTask().WaitAsync(Waits.Long);
        await write.AsTask().WaitAsync(Waits.Long);

        Assert.Equal(bytes, received);
    }

    [Fact]
    public async Task Write_NobodyReadsAnyMore_Fails()
    {
        var write = _pipe.Writer.WriteAsync(new byte[LargerThanPipe]);

        _pipe.Reader.Dispose();

        await Assert.ThrowsAsync<IOException>(() => write.AsTask().WaitAsync(Waits.Long));
        await Assert.ThrowsAsync<IOException>(async () => await _pipe.Writer.WriteAsync("x"u8.ToArray()));
    }

    [Fact]
    public async Task Write_Cancelled_Ends()
    {
        using var cancel = new CancellationTokenSource();
        var write = _pipe.Writer.WriteAsync(new byte[LargerThanPipe], cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write.AsTask().WaitAsync(Waits.Long));
    }

    [Fact]
    public async Task Pipes_ManyAtOnceInPiecesOfAnySize_KeepEveryByteInOrder()
    {
        await Task.WhenAll(Enumerable.Range(1, 40).Select(seed => Task.Run(() => CarryAsync(seed))));
    }

    private static async Task CarryAsync(int seed)
    {
        using var pipe = new PolledPipe();
        var random = new Random(seed);
        var bytes = new byte[random.Next(1, 400_000)];
        random.NextBytes(bytes);
        var write = Task.Run(async () =>
        {
            var pieces = new Random(-seed);
            for (var at = 0; at < bytes.Length;)
            {
                var length = Math.Min(bytes.Length - at, pieces.Next(2) == 0 ? pieces.Next(1, 300) : pieces.Next(1, 100_000));
                await pipe.Writer.WriteAsync(bytes.AsMemory(at, length));
                at += length;
            }
            pipe.Writer.Dispose();
        });
        var received = new MemoryStream();
        var buffer = new byte[random.Next(1, 20_000)];
        while (await pipe.Reader.ReadAsync(buffer).AsTask().WaitAsync(Waits.Long) is var count and > 0)
            received.Write(buffer, 0, count);
        await write;

        Assert.Equal(bytes, received.ToArray());
    }
}
