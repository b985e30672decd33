using System.Diagnostics;
using Oktsec.Mcp.Tests.Backends;

namespace Oktsec.Mcp.Tests.Stdio;

/// <summary>Kills a process that has backends with kill -9, and looks at what stays.</summary>
public sealed class ProcessGuardTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1, "--ignore-eof", "--ignore-sigterm", "--grandchild")]
    [InlineData(8, "--ignore-eof", "--ignore-sigterm")]
    public async Task Kill_Host_LeavesNoProcess(int count, params string[] stubbornness)
    {
        using var host = await Host.StartAsync(count, stubbornness);
        var guard = host.Guard;
        Assert.Equal(stubbornness.Contains("--grandchild") ? 2 * count : count, host.Pids.Length);
        Assert.All(host.Pids, pid => Assert.True(ProcessTable.IsRunning(pid)));

        host.Process.Kill(); // SIGKILL

        await Eventually.TrueAsync(() => !host.Pids.Append(guard).Any(ProcessTable.IsRunning));
    }

    [Fact]
    public async Task Kill_GuardThenHost_TheNextGuardKnowsTheChildren()
    {
        using var host = await Host.StartAsync(2, ["--ignore-eof", "--ignore-sigterm"]);
        var first = host.Guard;
        Process.GetProcessById(first).Kill();
        await Eventually.TrueAsync(() => host.Guard is not 0 and var guard && guard != first);

        host.Process.Kill();

        await Eventually.TrueAsync(() => !host.Pids.Any(ProcessTable.IsRunning));
    }

    [Fact]
    public async Task Stop_Host_GuardEndsAtOnceAndKillsNobody()
    {
        using var host = await Host.StartAsync(2, []);
        var guard = host.Guard;

        await host.Process.StandardInput.WriteLineAsync("stop");
        await host.Process.WaitForExitAsync().WaitAsync(Waits.Long);

        Assert.Equal(0, host.Process.ExitCode);
        await Eventually.TrueAsync(() => !host.Pids.Append(guard).Any(ProcessTable.IsRunning));
    }

    [Fact]
    public async Task Kill_TerminalGroup_DoesNotReachGuardOrChildren()
    {
        using var host = await Host.StartAsync(1, []);

        // Ctrl+C goes to the terminal's foreground group: who is not in it decides by itself, or is stopped by us, in order.
        Assert.Equal((host.Guard, host.Guard), ProcessTable.GroupAndSession(host.Guard));
        Assert.Equal((host.Pids[0], host.Pids[0]), ProcessTable.GroupAndSession(host.Pids[0]));
        host.Process.Kill();
    }

    [Fact]
    public async Task Guard_Memory_IsThatOfAShell()
    {
        using var host = await Host.StartAsync(1, []);

        var rss = (await File.ReadAllLinesAsync($"/proc/{host.Guard}/status")).Single(line => line.StartsWith("VmRSS", StringComparison.Ordinal));

        Assert.InRange(int.Parse(rss.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]), 1, 8 * 1024); // KiB; dash 0.7 MB, bash 3.5 MB
        host.Process.Kill();
    }

    private sealed class Host(Process process, string pidsFile) : IDisposable
    {
        public Process Process => process;

        /// <summary>Every process that a server said is its own or its grandchild's.</summary>
        public int[] Pids => [.. File.ReadAllLines(pidsFile).Select(int.Parse)];

        /// <summary>The one child that is no server; 0 when there is none at the moment.</summary>
        public int Guard => ProcessTable.ChildrenOf(process.Id).Except(Pids).Where(ProcessTable.IsRunning).FirstOrDefault();

        public static async Task<Host> StartAsync(int count, string[] stubbornness)
        {
            var pids = Path.Combine(Directory.CreateTempSubdirectory().FullName, "pids");
            var assembly = TestServer.Assembly.Replace("Oktsec.TestServer", "Oktsec.BackendHost", StringComparison.Ordinal);
            var process = Process.Start(new ProcessStartInfo(
                "dotnet", [assembly, $"{count}", "dotnet", TestServer.Assembly, "--pids", pids, .. stubbornness])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            Assert.Equal($"connected {process.Id}", await process.StandardOutput.ReadLineAsync().WaitAsync(Waits.Long));
            return new Host(process, pids);
        }

        public void Dispose()
        {
            process.Kill();
            process.WaitForExit(Waits.Long);
            process.Dispose();
        }
    }
}
