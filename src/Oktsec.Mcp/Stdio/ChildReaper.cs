using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Oktsec.Mcp.Stdio;

/// <summary>Learns of the end of the children that <see cref="PosixSpawn"/> started, and reaps them when their owner is done with the pid.</summary>
/// <remarks>
/// .NET's own SIGCHLD handler waits for the children of System.Diagnostics.Process only, and this one for ours only, each by pid: neither takes
/// the other's. Seeing an exit and reaping are two steps, so that a group can be signalled without hitting a stranger.
/// </remarks>
[UnsupportedOSPlatform("windows")]
internal sealed class ChildReaper
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, TaskCompletionSource<ChildExit>> _running = [];
    private readonly PosixSignalRegistration _registration;

    private ChildReaper() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Look());

    public static ChildReaper Shared { get; } = new();

    public void Watch(int pid, TaskCompletionSource<ChildExit> exited)
    {
        lock (_lock)
            _running.Add(pid, exited);
        Look(); // its signal may have come before it was in the table
    }

    /// <summary>Takes the zombie away, when it is one by now. A child that will not die is left to the next look.</summary>
    public void Reap(int pid)
    {
        lock (_lock)
        {
            if (Wait(pid, leaveZombie: false) is not null)
                _running.Remove(pid);
            else if (_running.TryGetValue(pid, out var exited))
                _ = exited.Task.ContinueWith(_ => Wait(pid, leaveZombie: false), TaskScheduler.Default);
        }
    }

    private void Look()
    {
        lock (_lock)
        {
            foreach (var (pid, exited) in _running)
            {
                if (Wait(pid, leaveZombie: true) is { } exit)
                {
                    _running.Remove(pid);
                    exited.TrySetResult(exit); // its continuations run elsewhere
                }
            }
        }
    }

    private static unsafe ChildExit? Wait(int pid, bool leaveZombie)
    {
        const int status = 24, code = 8, exitedByItself = 1; // offsets in siginfo_t of 64-bit Linux; CLD_EXITED
        var info = stackalloc byte[Posix.SignalInfoSize];
        *(int*)info = 0;
        var options = Posix.WaitExited | Posix.WaitNoHang | (leaveZombie ? Posix.WaitLeaveZombie : 0);
        if (Posix.waitid(Posix.WaitForPid, pid, info, options) != 0)
            return Marshal.GetLastPInvokeError() == Posix.NoChild ? ChildExit.Unknown : null;
        if (*(int*)info == 0)
            return null; // still running
        var value = *(int*)(info + status);
        return *(int*)(info + code) == exitedByItself ? new ChildExit(value, null) : new ChildExit(null, value);
    }
}
