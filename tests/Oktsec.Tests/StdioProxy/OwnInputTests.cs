using System.IO.Pipes;
using Oktsec.StdioProxy;

namespace Oktsec.Tests.StdioProxy;

/// <summary>Our own stdin: what follows from a read runs on its thread, and comes back to it after it had to wait elsewhere.</summary>
public sealed class OwnInputTests
{
    private readonly byte[] buffer = new byte[1];

    [Fact]
    public async Task Read_WorkThatWaitedElsewhere_ComesBack()
    {
        using var far = new AnonymousPipeServerStream(PipeDirection.Out);
        using var near = new AnonymousPipeClientStream(PipeDirection.In, far.ClientSafePipeHandle);
        var input = new OwnInput(near);
        var reading = Task.Run(async () =>
        {
            var threads = new List<string?>();
            for (var i = 0; i < 4; i++)
            {
                Assert.Equal(1, await input.ReadAsync(buffer, CancellationToken.None));
                Assert.Equal(i, buffer[0]);
                threads.Add(Thread.CurrentThread.Name);
                if (i == 1)
                {
                    await Task.Yield(); // goes on in the pool
                    threads.Add(Thread.CurrentThread.Name);
                }
            }
            Assert.Equal(0, await input.ReadAsync(buffer, CancellationToken.None));
            return threads;
        });
        far.Write([0, 1, 2, 3]);
        far.Dispose();
        Assert.Equal(["oktsec stdin", "oktsec stdin", ".NET TP Worker", "oktsec stdin", "oktsec stdin"], await reading);
    }

    [Fact]
    public async Task Read_Failing_ThrowsAndCanBeTriedAgain()
    {
        var input = new OwnInput(new FailingStream());
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<IOException>(async () => Assert.Equal(1, await input.ReadAsync(buffer, CancellationToken.None)));
    }

    private sealed class FailingStream : MemoryStream
    {
        public override int Read(Span<byte> buffer) => throw new IOException("broken");
    }
}
