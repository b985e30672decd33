using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace Oktsec.Mcp.Stdio;

/// <summary>Ends our children when we are ended by kill -9: a shell that reads group ids from a pipe and kills them at its end.</summary>
/// <remarks>
/// Children see the end of their stdin then and most of them go, but one that ignores it, or has grandchildren, would stay. PR_SET_PDEATHSIG
/// does not do: it fires when the spawning *thread* ends and grandchildren do not inherit it. Why a shell: docs/decisions/0402-guard-process.md.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class ProcessGuard
{
    private const string Shell = "/bin/sh";

    // 1 s from the end of their stdin to SIGTERM and 1 s more to SIGKILL: a server that saves its state on exit gets to do so.
    private const string Script = """
        trap '' HUP INT QUIT TERM PIPE
        g=" $* "
        while read -r op id; do
          case $op in
            +) g="$g$id " ;;
            -) g="${g%% $id *} ${g#* $id }" ;;
          esac
        done
        set -- $g
        [ $# -gt 0 ] || exit 0
        sleep 1
        for id in $g; do kill -TERM "-$id" 2>/dev/null; done
        sleep 1
        for id in $g; do kill -KILL "-$id" 2>/dev/null; done
        """;

    private readonly Lock _lock = new();
    private readonly HashSet<int> _groups = [];
    private int _pipe = -1;
    private int _pid;

    public static ProcessGuard Shared { get; } = new();

    /// <summary>The guard's pid; 0 before the first child, and where there is no shell (there a container ends with us).</summary>
    public int Pid
    {
        get
        {
            lock (_lock)
                return _pid;
        }
    }

    public void EnsureStarted()
    {
        lock (_lock)
        {
            if (_pid == 0)
                Start();
        }
    }

    public void Add(int group)
    {
        lock (_lock)
        {
            _groups.Add(group);
            Tell('+', group);
        }
    }

    /// <summary>Before the leader is reaped: later the number may be a stranger's.</summary>
    public void Remove(int group)
    {
        lock (_lock)
        {
            if (_groups.Remove(group))
                Tell('-', group);
        }
    }

    private unsafe void Start()
    {
        if (!File.Exists(Shell))
            return;
        var fds = stackalloc int[2];
        if (Posix.pipe2(fds, Posix.OpenCloseOnExec) != 0)
            return;
        using var nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        var sink = (int)nothing.DangerousGetHandle();
        var environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" };
        try
        {
            _pid = PosixSpawn.Start(new ChildStart(Shell, ["sh", "-c", Script, "oktsec-guard", .. _groups.Select(Text)], environment, "/"), fds[0], sink, sink);
        }
        catch (ChildStartException)
        {
            _ = Posix.close(fds[1]);
            return;
        }
        finally
        {
            _ = Posix.close(fds[0]);
        }
        _pipe = fds[1];
        _ = Posix.fcntl(_pipe, Posix.SetFileFlags, Posix.OpenNonBlocking); // our end only: the shell's read must wait
        var exited = new TaskCompletionSource<ChildExit>(TaskCreationOptions.RunContinuationsAsynchronously);
        var pid = _pid;
        exited.Task.ContinueWith(_ => Restart(pid), TaskScheduler.Default);
        ChildReaper.Shared.Watch(pid, exited);
    }

    // Somebody ended the guard: the next one is born with what is running now.
    private void Restart(int pid)
    {
        lock (_lock)
        {
            ChildReaper.Shared.Reap(pid);
            _ = Posix.close(_pipe);
            _pipe = -1;
            _pid = 0;
            if (_groups.Count > 0)
                Start();
        }
    }

    // A guard that does not empty its pipe (64 KiB, some 6,000 lines) knows too little: the next one hears of everything from the start.
    private unsafe void Tell(char operation, int group)
    {
        if (_pipe < 0)
            return;
        var line = Encoding.ASCII.GetBytes($"{operation} {Text(group)}\n");
        fixed (byte* bytes = line)
        {
            if (Posix.write(_pipe, bytes, line.Length) != line.Length)
                _ = Posix.kill(_pid, Posix.SigKill);
        }
    }

    private static string Text(int group) => group.ToString(CultureInfo.InvariantCulture);
}
