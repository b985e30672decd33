using System.IO.Pipes;
using System.Runtime.InteropServices;
using Oktsec.Mcp.Polling;

namespace Oktsec.Tests.Support;

/// <summary>A pipe whose two ends are both polled.</summary>
internal sealed class PolledPipe : IDisposable
{
    // Nobody is replaced in it, however slow the machine is.
    private static readonly Poller s_patient = new(Timeout.InfiniteTimeSpan);

    public PolledPipe(Poller? poller = null)
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        Reader = new PipeEnd(Take(pipe.ClientSafePipeHandle), FileAccess.Read, poller);
        Writer = new PipeEnd(Take(pipe.SafePipeHandle), FileAccess.Write, poller);
    }

    public PipeEnd Reader { get; }

    public PipeEnd Writer { get; }

    public void Dispose()
    {
        Reader.Dispose();
        Writer.Dispose();
    }

    /// <summary>Runs something on a worker of the poller, as what an agent's request leads to is.</summary>
    public static async Task<T> OnWorkerAsync<T>(Func<PollWorker, T> work)
    {
        using var pipe = new PolledPipe(s_patient);
        // Waited for before anything comes, so that it is a worker that goes on.
        var result = ContinueAsync(pipe.Reader.ReadAsync(new byte[1]), work);
        await pipe.Writer.WriteAsync("x"u8.ToArray());
        return await result.WaitAsync(TimeSpan.FromSeconds(60)).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
    }

    private static async Task<T> ContinueAsync<T>(ValueTask<int> read, Func<PollWorker, T> work)
    {
        await read.ConfigureAwait(false);
        return work(PollWorker.Current ?? throw new InvalidOperationException("not on a worker"));
    }

    private static int Take(SafeHandle handle)
    {
        var fd = (int)handle.DangerousGetHandle();
        handle.SetHandleAsInvalid(); // it is ours now
        return fd;
    }
}
