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
        for (var i = 0; i < 2; i++)
        {
            // Asked for elsewhere, here: nothing is there yet, so it is not done before we wait for it.
            var first = input.ReadAsync(buffer, CancellationToken.None).GetAwaiter();
            Assert.False(first.IsCompleted);
            var done = new TaskCompletionSource<(string? Thread, int First, int Second)>(TaskCreationOptions.RunContinuationsAsynchronously);
            first.OnCompleted(() =>
            {
                // On its own thread it reads in place.
                var second = input.ReadAsync(buffer, CancellationToken.None);
                done.SetResult((Thread.CurrentThread.Name, first.GetResult(), second.IsCompleted ? second.GetAwaiter().GetResult() : -1));
            });
            far.Write([1, 2]);
            Assert.Equal(("oktsec stdin", 1, 1), await done.Task);
            Assert.Equal(2, buffer[0]);
        }
        far.Dispose();
        Assert.Equal(0, await input.ReadAsync(buffer, CancellationToken.None));
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
