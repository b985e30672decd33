using System.Diagnostics;
using System.Globalization;
using Oktsec.Tests.Gateway;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Hosting;

/// <summary>SIGTERM at every stage of the real program's start: it ends by itself, with 0, and leaves no process.</summary>
public sealed class StopDuringStartTests : IDisposable
{
    // Reached only when something hangs. A child that ignores everything costs its stop timeout, some seconds.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly TempFolder _folder = new();
    private Process? _started;

    /// <summary>A test that gives up on the way leaves no gateway behind.</summary>
    public void Dispose()
    {
        try
        {
            if (_started is { HasExited: false })
            {
                _started.Kill(entireProcessTree: true);
                _started.WaitForExit();
            }
        }
        finally
        {
            _started?.Dispose();
            _folder.Dispose();
        }
    }

    // What the program does by then, in the order it happens: the file is read and complained of, the key and the store are made, it listens, it says so.
    [Theory]
    [InlineData("warning: agents.bob")]
    [InlineData("file:.oktsec/oktsec.key")]
    [InlineData("file:.oktsec/oktsec.db")]
    [InlineData("file:.oktsec/oktsec.db-wal")]
    [InlineData("gateway, enforcing")]
    [InlineData("agents    http")]
    [InlineData("records ")]
    public async Task Sigterm_AtThisStage_EndsWithZero(string stage)
    {
        var gateway = Start("agents: { bob: { allowed_tools: [nowhere/read] } }");
        await ReachedAsync(gateway, stage);

        Assert.Equal(0, await TerminateAsync(gateway));
    }

    [Fact]
    public async Task Sigterm_BeforeAnythingIsSet_EndsAtOnce()
    {
        var gateway = Start("{}");

        // The runtime itself may not be up yet: then the signal does what it does to every process.
        Assert.Contains(await TerminateAsync(gateway), (int[])[0, 128 + 15]);
    }

    [Theory]
    [InlineData("--mute")]
    [InlineData("--mute", "--ignore-eof", "--ignore-sigterm")]
    [InlineData("--ignore-eof", "--ignore-sigterm", "--grandchild")]
    public async Task Sigterm_WhileABackendStarts_LeavesNoProcess(params string[] behaviour)
    {
        var pids = _folder["pids"];
        var args = string.Concat(behaviour.Select(b => $", \"{b}\""));
        var gateway = Start($"mcp_servers: {{ one: {{ command: dotnet, args: [\"{TestGateway.ServerDll}\", \"--pids\", \"{pids}\"{args}] }} }}");
        var url = await ReachedAsync(gateway, "agents    http");
        using var agent = new TestAgent(new Uri(url[url.IndexOf("http", StringComparison.Ordinal)..].Trim()), "bob");
        var opening = OpenAsync(agent);
        var expected = behaviour.Contains("--grandchild") ? 2 : 1;
        await TestGateway.UntilAsync(() => Pids(pids).Length >= expected);

        Assert.Equal(0, await TerminateAsync(gateway));

        await TestGateway.UntilAsync(() => Pids(pids).All(pid => !Directory.Exists($"/proc/{pid}") || IsOfAnother(pid, pids)));
        await opening;
    }

    private static async Task OpenAsync(TestAgent agent)
    {
        try
        {
            await agent.InitializeAsync();
            await agent.ListAsync();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or NullReferenceException)
        {
            // The gateway ends under it, as it should.
        }
    }

    // A pid may be given to another process meanwhile; ours has the file's path in its command line.
    private static bool IsOfAnother(int pid, string file)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/cmdline").Contains(file, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static int[] Pids(string file) =>
        File.Exists(file) ? [.. File.ReadAllLines(file).Where(l => l.Length > 0).Select(l => int.Parse(l, CultureInfo.InvariantCulture))] : [];

    private Process Start(string config)
    {
        Directory.CreateDirectory(_folder[".oktsec"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(_folder["oktsec.yaml"], config);
        File.SetUnixFileMode(_folder["oktsec.yaml"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var start = new ProcessStartInfo(OktsecProgram.Path, ["gateway", "--config", _folder["oktsec.yaml"], "--port", "0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Path,
        };
        start.Environment["HOME"] = _folder.Path;
        start.Environment.Remove("OKTSEC_CONFIG");
        return _started = Process.Start(start)!;
    }

    /// <summary>Returns the line that says so, or the file's name.</summary>
    private async Task<string> ReachedAsync(Process gateway, string stage)
    {
        var reached = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(_folder[".oktsec"]);
        if (stage.StartsWith("file:", StringComparison.Ordinal))
        {
            var name = Path.GetFileName(stage);
            watcher.Created += (_, file) => Tell(file.Name == name, name);
            watcher.Renamed += (_, file) => Tell(file.Name == name, name);
            watcher.EnableRaisingEvents = true;
            Tell(File.Exists(_folder[stage["file:".Length..]]), name); // it may have been faster
        }
        gateway.OutputDataReceived += OnLine;
        gateway.ErrorDataReceived += OnLine;
        gateway.BeginOutputReadLine();
        gateway.BeginErrorReadLine();
        return await reached.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken);

        void OnLine(object sender, DataReceivedEventArgs line) => Tell(line.Data?.Contains(stage, StringComparison.Ordinal) == true, line.Data ?? "");

        void Tell(bool isReached, string what)
        {
            if (isReached)
                reached.TrySetResult(what);
        }
    }

    private static async Task<int> TerminateAsync(Process gateway)
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{gateway.Id}"]))
            await kill.WaitForExitAsync();
        try
        {
            await gateway.WaitForExitAsync().WaitAsync(s_patience);
        }
        finally
        {
            if (!gateway.HasExited)
                gateway.Kill(entireProcessTree: true);
        }
        return gateway.ExitCode;
    }
}
