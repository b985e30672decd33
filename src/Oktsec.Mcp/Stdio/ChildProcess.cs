namespace Oktsec.Mcp.Stdio;

/// <summary>A running child in a process group of its own, with its three streams.</summary>
/// <remarks>The owner reads <see cref="Output"/> to its end and calls <see cref="StopAsync"/> once; that leaves neither process nor zombie.</remarks>
internal abstract class ChildProcess
{
    // A killed process is gone in microseconds; one stuck in the kernel (a dead network file system) must not hold us for ever.
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(5);

    public abstract int Pid { get; }

    /// <summary>Our end of the child's stdin.</summary>
    public abstract Stream Input { get; }

    public abstract Stream Output { get; }

    public abstract Stream Error { get; }

    /// <summary>Completes when the child itself has ended; members of its group may still run.</summary>
    public abstract Task<ChildExit> Exited { get; }

    /// <exception cref="ChildStartException">It could not be started.</exception>
    public static ChildProcess Start(ChildStart start) =>
        OperatingSystem.IsLinux() ? PosixChild.Start(start) : ManagedChild.Start(start);

    /// <summary>Closes stdin, waits, asks the group to end, waits, kills the group, forgets the child.</summary>
    /// <param name="outputEnded">
    /// Completes at the end of <see cref="Output"/>. A launcher such as npx may end before the server it started: the output is open for as long
    /// as the server runs.
    /// </param>
    public async Task<ChildExit> StopAsync(Task outputEnded, TimeSpan patience, TimeProvider time)
    {
        var ended = Task.WhenAll(Exited, outputEnded);
        await CloseInputAsync();
        if (!await EndsWithin(ended, patience, time))
        {
            AskGroupToEnd();
            await EndsWithin(ended, patience, time);
        }
        KillGroup(); // also what a child that ended well has left behind
        await EndsWithin(Exited, KillTimeout, time);
        Forget();
        return Exited.IsCompletedSuccessfully ? Exited.Result : ChildExit.Unknown;
    }

    /// <summary>Whether a member of the group is stopped and can say nothing.</summary>
    public virtual bool IsStopped => false;

    /// <summary>Passes a signal on to every member of the group; nothing once the child is forgotten.</summary>
    public abstract void SignalGroup(int signal);

    /// <summary>SIGTERM to every member of the group.</summary>
    protected abstract void AskGroupToEnd();

    /// <summary>SIGKILL to every member of the group.</summary>
    protected abstract void KillGroup();

    /// <summary>Reaps the child: from here on its pid may belong to someone else.</summary>
    protected abstract void Forget();

    /// <summary>Closes stdin: the child reads its end after what was written before.</summary>
    public async Task CloseInputAsync()
    {
        try
        {
            await Input.DisposeAsync();
        }
        catch (IOException)
        {
            // Unsent bytes of a child that no longer reads: it is being stopped.
        }
    }

    private static async Task<bool> EndsWithin(Task task, TimeSpan patience, TimeProvider time)
    {
        try
        {
            await task.WaitAsync(patience, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
