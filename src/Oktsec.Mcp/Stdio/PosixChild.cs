using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Oktsec.Mcp.Polling;

namespace Oktsec.Mcp.Stdio;

/// <summary>A child started by posix_spawn as the leader of a session and group of its own.</summary>
/// <remarks>
/// System.Diagnostics.Process cannot start a session, so that a Ctrl+C at our terminal would reach the child and its grandchildren could not be
/// ended together. The pipes are plain pipes; .NET reads them with epoll, no thread waits (docs/decisions/0401-child-pipes.md).
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class PosixChild : ChildProcess
{
    private const int OurError = 2;

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<ChildExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _forgotten;

    private PosixChild(int pid, int input, int output, int error)
    {
        Pid = pid;
        Input = new PipeEnd(input, FileAccess.Write);
        Output = new PipeEnd(output, FileAccess.Read);
        Error = error < 0 ? Stream.Null : new PipeEnd(error, FileAccess.Read);
    }

    public override int Pid { get; }

    public override Stream Input { get; }

    public override Stream Output { get; }

    public override Stream Error { get; }

    public override Task<ChildExit> Exited => _exited.Task;

    public static new PosixChild Start(ChildStart start)
    {
        ProcessGuard.Shared.EnsureStarted();
        Span<int> pipes = stackalloc int[6];
        pipes.Fill(-1);
        try
        {
            OpenPipes(start.SharesError ? pipes[..4] : pipes);
            var pid = PosixSpawn.Start(start, stdin: pipes[0], stdout: pipes[3], stderr: start.SharesError ? OurError : pipes[5]);
            ProcessGuard.Shared.Add(pid);
            var child = new PosixChild(pid, input: pipes[1], output: pipes[2], error: pipes[4]);
            pipes[1] = pipes[2] = pipes[4] = -1;
            ChildReaper.Shared.Watch(pid, child._exited);
            return child;
        }
        finally
        {
            foreach (var fd in pipes)
            {
                if (fd >= 0)
                    _ = Posix.close(fd);
            }
        }
    }

    public override bool IsStopped => ProcessGroups.HasStopped(Pid);

    // Only before the leader is reaped: its zombie keeps the number from being given to somebody else's group.
    public override void SignalGroup(int signal)
    {
        lock (_lock)
        {
            if (!_forgotten)
                _ = Posix.kill(-Pid, signal);
        }
    }

    protected override void AskGroupToEnd() => SignalGroup(Posix.SigTerm);

    protected override void KillGroup() => SignalGroup(Posix.SigKill);

    protected override void Forget()
    {
        lock (_lock)
        {
            _forgotten = true;
            ProcessGuard.Shared.Remove(Pid);
            ChildReaper.Shared.Reap(Pid);
        }
    }

    private static unsafe void OpenPipes(Span<int> pipes)
    {
        fixed (int* fds = pipes)
        {
            for (var i = 0; 2 * i < pipes.Length; i++)
            {
                // Close on exec: a pipe end that another child inherited would keep this one from seeing the end of its input.
                if (Posix.pipe2(fds + (2 * i), Posix.OpenCloseOnExec) != 0)
                    throw new ChildStartException($"no pipe: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}; raise the limit of open files (ulimit -n)");
            }
        }
    }
}
