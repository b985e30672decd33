using System.Diagnostics;
using Oktsec.Mcp.Stdio;
using Oktsec.Mcp.Tests.Backends;

namespace Oktsec.Mcp.Tests.Stdio;

/// <summary>Children end when they should and leave nothing behind. Alone: what the process has open is counted.</summary>
[Collection(nameof(Alone))]
public sealed class ChildLifeTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(300);

    [Theory]
    [InlineData]
    [InlineData("--ignore-eof")]
    [InlineData("--ignore-eof", "--ignore-sigterm")]
    [InlineData("--ignore-eof", "--ignore-sigterm", "--grandchild")]
    [InlineData("--grandchild")]
    public async Task Dispose_StubbornChild_LeavesNoProcess(params string[] stubbornness)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "pids");
        await using (var test = await TestBackend.ConnectAsync(
            Flavour.Stdio, ["--pids", file, .. stubbornness], o => o with { StopTimeout = s_soon }))
        {
            var pids = Pids(file);
            Assert.Equal(stubbornness.Contains("--grandchild") ? 2 : 1, pids.Length);
            Assert.Equal(test.Backend.Stats.Pid, pids[0]);
            Assert.All(pids, pid => Assert.True(ProcessTable.IsThere(pid)));
        }

        Assert.False(ProcessTable.IsThere(Pids(file)[0]), "the child is gone, and no zombie");
        // A grandchild belongs to init after the child; it was killed before, but init reaps it in its own time.
        await Eventually.TrueAsync(() => !Pids(file).Any(ProcessTable.IsRunning));
    }

    [Fact]
    public async Task Crash_Grandchild_IsEndedToo()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "pids");
        await using var test = await TestBackend.ConnectAsync(
            Flavour.Stdio, ["--pids", file, "--grandchild"], o => o with { StopTimeout = s_soon });

        await Assert.ThrowsAnyAsync<Exception>(() => test.CallAsync("crash").WaitAsync(Waits.Long));
        await test.Backend.Closed.WaitAsync(Waits.Long);

        await Eventually.TrueAsync(() => !Pids(file).Any(ProcessTable.IsRunning));
    }

    [Fact]
    public async Task Start_Child_LeadsItsOwnSession()
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.Stdio);
        var pid = test.Backend.Stats.Pid!.Value;

        var (group, session) = ProcessTable.GroupAndSession(pid);

        Assert.Equal((pid, pid), (group, session));
    }

    [Fact]
    public async Task Start_Child_HasNoFilesOfOurs()
    {
        await using var other = await TestBackend.ConnectAsync(Flavour.Stdio);
        // One that is open for inheritance, as the runtime's duplicates of our own stdin and stdout are.
        var inheritable = Posix.fcntl(0, 0 /* F_DUPFD */, 100);
        Assert.NotEqual(-1, inheritable);
        await using var sleeper = new Sleeper();
        _ = Posix.close(inheritable);

        // 0, 1 and 2. A pipe end of another child here would keep that child from seeing the end of its input.
        // The kernel lets the parent go on just before it closes what is marked "close on exec".
        await Eventually.TrueAsync(() => Directory.GetFiles($"/proc/{sleeper.Child.Pid}/fd").Length == 3);
    }

    [Fact]
    public async Task Churn_ManyLives_LeaveNoFilesAndNoProcesses()
    {
        await LiveAndDieAsync(); // what is made once is made now: guard, epoll
        var files = OwnFiles();

        for (var i = 0; i < 100; i++)
            await LiveAndDieAsync();

        // What earlier tests left to the collector may go meanwhile; a leak of one pipe per child would be 100 and more.
        Assert.True(OwnFiles() - files < 60, $"{files} files open before, {OwnFiles()} after");
        Assert.DoesNotContain(ProcessTable.ChildrenOf(Environment.ProcessId), ProcessTable.IsZombieOf("sleep"));
    }

    [Fact]
    public async Task SystemProcess_BesideOurs_KeepsItsExitCode()
    {
        for (var i = 0; i < 20; i++)
        {
            await using var ours = new Sleeper();
            using var theirs = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exit 5"]))!;
            await theirs.WaitForExitAsync().WaitAsync(Waits.Long);
            Assert.Equal(5, theirs.ExitCode);
        }
    }

    [Fact]
    public async Task Signals_Child_StartsWithDefaults()
    {
        await using var sleeper = new Sleeper();

        var status = await File.ReadAllLinesAsync($"/proc/{sleeper.Child.Pid}/status");

        // .NET ignores SIGPIPE; a child that did too would go on writing to a closed pipe.
        Assert.All(
            status.Where(line => line.StartsWith("SigBlk", StringComparison.Ordinal) || line.StartsWith("SigIgn", StringComparison.Ordinal)),
            // Signals 32 and 33 are glibc's own; it always sets them to be ignored here.
            line => Assert.Equal(0L, Convert.ToInt64(line.Split('\t')[1], 16) & 0x7FFF_FFFF));
    }

    private static int OwnFiles() => Directory.GetFiles("/proc/self/fd").Length;

    private static int[] Pids(string file) => [.. File.ReadAllLines(file).Select(int.Parse)];

    private static async Task LiveAndDieAsync()
    {
        await using var sleeper = new Sleeper();
    }

    private sealed class Sleeper : IAsyncDisposable
    {
        public ChildProcess Child { get; } = ChildProcess.Start(new ChildStart("/bin/sleep", ["sleep", "1000"], new Dictionary<string, string>(), "/"));

        public async ValueTask DisposeAsync()
        {
            await Child.StopAsync(Task.CompletedTask, TimeSpan.FromMilliseconds(1), TimeProvider.System);
            await Child.Output.DisposeAsync();
            await Child.Error.DisposeAsync();
        }
    }
}

/// <summary>Runs when the tests that run side by side are done.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
