using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Stdio;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>Whether a child may know of a request decides whether it may be made again.</summary>
public sealed class CallWriterTests
{
    [Fact]
    public void MayHaveLeft_WhileItIsWritten_IsTrue()
    {
        // The child reads, and ends, while the thread that wrote has not come back from the write.
        using var stream = new ProbeStream();
        var writer = new CallWriter(new LineWriter(stream, _ => { }));
        using var calls = new CallTable(Options, TimeProvider.System, call => _ = writer.WriteAsync(call, calls: Table!), (_, _) => { });
        Table = calls;
        var during = false;
        stream.OnWrite = () => calls.FailAll("exited", call => during = writer.MayHaveLeft(call));

        var request = calls.SendAsync(Request, TimeSpan.Zero, CancellationToken.None);

        Assert.True(during);
        Assert.False(request.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task MayHaveLeft_OfWhatWasNotAccepted_IsFalse()
    {
        using var stream = new ProbeStream { OnWrite = () => throw new IOException("broken") };
        var writer = new CallWriter(new LineWriter(stream, _ => { }));
        using var calls = new CallTable(Options, TimeProvider.System, _ => { }, (_, _) => { });
        var (first, second) = (new PendingCall(1, Request, TimeSpan.Zero), new PendingCall(2, Request, TimeSpan.Zero));

        await writer.WriteAsync(first, calls); // the write failed: some of it may have gone
        await Assert.ThrowsAsync<IOException>(() => writer.WriteAsync(second, calls));

        Assert.True(writer.MayHaveLeft(first));
        Assert.False(writer.MayHaveLeft(second));
        Assert.False(writer.MayHaveLeft(new PendingCall(3, Request, TimeSpan.Zero)));
    }

    private static BackendOptions Options { get; } = new() { Name = "one", Transport = BackendTransport.Stdio };

    private static BackendRequest Request { get; } = new() { Bytes = """{"id":1}"""u8.ToArray(), Id = new ByteRange(6, 1), Method = "tools/call" };

    private CallTable? Table { get; set; }

    private sealed class ProbeStream : MemoryStream
    {
        public Action OnWrite { get; set; } = () => { };

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            OnWrite();
            return ValueTask.CompletedTask;
        }
    }
}
