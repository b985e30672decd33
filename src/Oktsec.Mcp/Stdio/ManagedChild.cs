using System.ComponentModel;
using System.Diagnostics;

namespace Oktsec.Mcp.Stdio;

/// <summary>A child started by System.Diagnostics.Process: macOS and Windows.</summary>
/// <remarks>It has no session of its own, so its tree is ended by walking it. Written for these systems, tested on Linux only.</remarks>
internal sealed class ManagedChild : ChildProcess
{
    // What cmd.exe reads as more than text in the arguments of a batch file, quoted or not (CVE-2024-24576).
    private const string BatchSpecials = "\"%&|<>^!\r\n";

    private readonly Process _process;
    private readonly TaskCompletionSource<ChildExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ManagedChild(Process process)
    {
        _process = process;
        Pid = process.Id;
        process.Exited += (_, _) => _exited.TrySetResult(new ChildExit(process.ExitCode, null));
        process.EnableRaisingEvents = true; // raises at once when it has ended already
    }

    public override int Pid { get; }

    public override Stream Input => _process.StandardInput.BaseStream;

    public override Stream Output => _process.StandardOutput.BaseStream;

    public override Stream Error => _process.StartInfo.RedirectStandardError ? _process.StandardError.BaseStream : Stream.Null;

    public override Task<ChildExit> Exited => _exited.Task;

    public static new ManagedChild Start(ChildStart start)
    {
        var isBatch = start.Path.EndsWith(".cmd", StringComparison.OrdinalIgnoreCase) || start.Path.EndsWith(".bat", StringComparison.OrdinalIgnoreCase);
        if (isBatch && start.Arguments.Skip(1).FirstOrDefault(text => text.AsSpan().ContainsAny(BatchSpecials)) is { } unsafeArgument)
            throw new ChildStartException($"{start.Path} is a batch file, and cmd.exe would interpret its argument {unsafeArgument}; start the program itself");
        var info = new ProcessStartInfo(start.Path, start.Arguments.Skip(1))
        {
            WorkingDirectory = start.Cwd ?? "",
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = !start.SharesError,
        };
        info.Environment.Clear();
        foreach (var (name, value) in start.Environment)
            info.Environment[name] = value;
        if (OperatingSystem.IsWindows())
            WindowsJob.EnsureJoined();
        try
        {
            return new ManagedChild(Process.Start(info)!);
        }
        catch (Win32Exception e)
        {
            throw new ChildStartException($"{start.Path} could not be started: {e.Message}", e);
        }
    }

    public override void SignalGroup(int signal)
    {
        if (!OperatingSystem.IsWindows()) // Windows has no such request for a program without a window
            _ = Posix.kill(Pid, signal);
    }

    protected override void AskGroupToEnd() => SignalGroup(Posix.SigTerm);

    protected override void KillGroup()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
        catch (AggregateException)
        {
            // Part of the tree ended while it was walked.
        }
    }

    protected override void Forget() => _process.Dispose();
}
