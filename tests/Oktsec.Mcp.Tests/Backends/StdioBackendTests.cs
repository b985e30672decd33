using System.Text;
using System.Text.Json;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>What only a child process can do.</summary>
public sealed class StdioBackendTests
{
    [Fact]
    public async Task Connect_Banner_IsNoiseAndKept()
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.Stdio, ["--banner"]);

        Assert.Equal("alive", await test.TextAsync("echo", """{"message":"alive"}"""));

        Assert.Equal(2, test.Backend.Stats.Noise);
        Assert.Equal("[info] [ready] (not JSON)", test.Backend.Stats.LastNoise);
        Assert.Equal(0, test.Backend.Stats.Refused);
    }

    [Theory]
    [InlineData("text", 1)]
    [InlineData("log", 2)]
    [InlineData("json", 3)]
    [InlineData("utf8", 1)]
    public async Task Babble_NoMessage_IsIgnored(string kind, int lines)
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.Stdio);

        Assert.Equal("babbled", await test.TextAsync("babble", $$"""{"kind":"{{kind}}"}"""));

        Assert.Equal(lines, test.Backend.Stats.Noise);
        Assert.Equal(0, test.Backend.Stats.Refused);
    }

    [Theory]
    [InlineData("batch", EnvelopeFault.Batch)]
    [InlineData("duplicate", EnvelopeFault.DuplicateKey)]
    [InlineData("bom", EnvelopeFault.ByteOrderMark)]
    [InlineData("half", EnvelopeFault.NotJson)]
    public async Task Babble_BrokenMessage_IsRefusedAndNotForwarded(string kind, EnvelopeFault fault)
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.Stdio);

        Assert.Equal("babbled", await test.TextAsync("babble", $$"""{"kind":"{{kind}}"}"""));

        Assert.Equal(fault, (await test.Listener.NextRefusedAsync()).Fault);
        Assert.Equal(1, test.Backend.Stats.Refused);
        Assert.Equal(0, test.Listener.MessageCount);
    }

    [Fact]
    public async Task Babble_LongLine_IsSkippedWithoutBeingKept()
    {
        await using var test = await TestBackend.ConnectAsync(
            Flavour.Stdio, change: o => o with { Limits = new EnvelopeLimits(1024 * 1024, 64) });

        Assert.Equal("babbled", await test.TextAsync("babble", """{"kind":"long","bytes":50000000}"""));

        var refused = await test.Listener.NextRefusedAsync();
        Assert.Equal(EnvelopeFault.TooLarge, refused.Fault);
        Assert.Contains("larger than 1048576 bytes", refused.Detail);
    }

    [Fact]
    public async Task Start_ExitsAtOnce_SaysCodeAndKeepsStderr()
    {
        await using var test = await TestBackend.CreateAsync(Flavour.Stdio, ["--fail-start", "7"]);

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(() => test.ConnectAsync());

        Assert.False(failure.Sent);
        Assert.Equal("exited with code 7 before it answered initialize", failure.Reason);
        Assert.Contains("cannot start, as asked", test.Backend.Stats.Stderr);
    }

    [Theory]
    [InlineData("no-such-program-here", "not on PATH")]
    [InlineData("/no/such/file", "not an executable file")]
    [InlineData("", "set command")]
    public async Task Start_NoProgram_SaysWhatToDo(string command, string what)
    {
        await using var test = await TestBackend.CreateAsync(Flavour.Stdio, change: o => o with { Command = command });

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(() => test.ConnectAsync());

        Assert.Contains(what, failure.Reason);
        Assert.False(failure.Sent);
        Assert.True(test.Backend.Closed.IsCompleted);
    }

    [Fact]
    public async Task Start_NoWorkingDirectory_SaysSo()
    {
        await using var test = await TestBackend.CreateAsync(Flavour.Stdio, change: o => o with { Cwd = "/no/such/folder" });

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(() => test.ConnectAsync());

        Assert.Contains("/no/such/folder does not exist; see cwd", failure.Reason);
    }

    [Theory]
    [InlineData("crash", """{"code":9}""", "exited with code 9")]
    [InlineData("abort", "{}", "was ended by SIGKILL")]
    [InlineData("cut", "{}", "closed its output")]
    public async Task Lost_Reason_IsSaid(string tool, string arguments, string reason)
    {
        await using var test = await TestBackend.ConnectAsync(
            Flavour.Stdio, ["--ignore-eof"], o => o with { StopTimeout = TimeSpan.FromMilliseconds(300) });

        await Assert.ThrowsAsync<BackendUnavailableException>(() => test.CallAsync(tool, arguments).WaitAsync(Waits.Long));

        Assert.Equal(reason, await test.Backend.Closed.WaitAsync(Waits.Long));
    }

    [Fact]
    public async Task Request_ChildClosedItsInput_EndsTheConnection()
    {
        await using var test = await TestBackend.ConnectAsync(
            Flavour.Stdio, change: o => o with { StopTimeout = TimeSpan.FromMilliseconds(300) });
        Assert.Equal("I hear nothing", await test.TextAsync("deaf"));

        List<Task> calls = [];
        await Eventually.TrueAsync(() =>
        {
            calls.Add(test.CallAsync("hang"));
            return test.Backend.Closed.IsCompleted;
        });

        Assert.StartsWith("no longer reads its input", await test.Backend.Closed);
        foreach (var call in calls)
            await Assert.ThrowsAsync<BackendUnavailableException>(() => call.WaitAsync(Waits.Long));
    }

    [Fact]
    public async Task Request_ChildDoesNotRead_WaitsWithoutGrowingAndNothingIsDoneLater()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "received");
        await using var test = await TestBackend.ConnectAsync(
            Flavour.Stdio, ["--received", file], o => o with { StopTimeout = TimeSpan.FromMilliseconds(300) });
        Assert.Equal("I read no more", await test.TextAsync("stall"));
        using var cancel = new CancellationTokenSource();
        var arguments = $$"""{"message":"{{new string('x', 1024 * 1024)}}"}""";

        // What the pipe and our 4 MiB do not take waits with its caller, and goes with it.
        var calls = Enumerable.Range(0, 100).Select(_ => test.CallAsync("echo", arguments, cancel.Token)).ToArray();
        await cancel.CancelAsync();

        foreach (var call in calls)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Waits.Long));
        Assert.Equal(0, test.Backend.Stats.InFlight);
        await test.Backend.DisposeAsync().AsTask().WaitAsync(Waits.Long);
        Assert.InRange(new FileInfo(file).Length, 1, 2 * 1024 * 1024);
    }

    [Fact]
    public async Task Send_ChildDoesNotRead_EndsAfterTheCallTimeout()
    {
        var time = new ManualTime();
        await using var test = await TestBackend.ConnectAsync(Flavour.Stdio, ["--ignore-eof"], time: time);
        Assert.Equal("I read no more", await test.TextAsync("stall"));
        var notification = new byte[1024 * 1024];
        List<Task> sends = [];
        while (sends.All(send => send.IsCompleted))
            sends.Add(test.Backend.SendAsync(notification, default).AsTask());

        time.Advance(TimeSpan.FromMinutes(6));

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(() => sends[^1].WaitAsync(Waits.Long));
        Assert.Equal((false, "does not read its input"), (failure.Sent, failure.Reason));
        await StopAsync(test, time);
    }

    // Each wait of the stop begins when the one before has run out.
    private static async Task StopAsync(TestBackend test, ManualTime time)
    {
        var stop = test.Backend.DisposeAsync().AsTask();
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return stop.IsCompleted;
        });
    }

    [Fact]
    public async Task Connect_Cancelled_LeavesNoProcess()
    {
        using var cancel = new CancellationTokenSource();
        await using var test = await TestBackend.CreateAsync(Flavour.Stdio, ["--mute", "--early-notification"]);
        var connect = test.Backend.ConnectAsync(TestBackend.InitializeParams, cancel.Token);
        await test.Listener.NextAsync();
        var pid = test.Backend.Stats.Pid!.Value;

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connect.WaitAsync(Waits.Long));
        Assert.False(Directory.Exists($"/proc/{pid}"));
        Assert.Equal(0, test.Listener.ClosedCount);
    }

    [Fact]
    public async Task Environment_Child_HasNothingOfOurs()
    {
        // The runner's own environment has more than the child may see.
        Environment.SetEnvironmentVariable("OKTSEC_TEST_SECRET", "not for children");
        await using var test = await TestBackend.ConnectAsync(
            Flavour.Stdio, change: o => o with { Env = new Dictionary<string, string> { ["DB_HOST"] = "localhost", ["LANG"] = "xx" } });

        var environment = JsonSerializer.Deserialize<Dictionary<string, string>>(await test.TextAsync("env"))!;

        Assert.Equal("localhost", environment["DB_HOST"]);
        Assert.Equal("xx", environment["LANG"]);
        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), environment["PATH"]);
        string[] allowed = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "LANGUAGE", "TZ", "TMPDIR", "DB_HOST"];
        // DOTNET_...: the child's own runtime sets them in its own process.
        Assert.All(environment.Keys, key => Assert.True(
            allowed.Contains(key) || key.StartsWith("LC_", StringComparison.Ordinal) || key.StartsWith("DOTNET_", StringComparison.Ordinal), key));
    }

    [Fact]
    public async Task Cwd_Given_IsTheChilds()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        await using var test = await TestBackend.ConnectAsync(Flavour.Stdio, change: o => o with { Cwd = folder });

        Assert.Equal(folder, await test.TextAsync("cwd"));
    }

    [Fact]
    public async Task Stderr_Flood_IsReadAndItsEndKept()
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.Stdio);

        Assert.Equal("written", await test.TextAsync("stderr", """{"bytes":3000000,"text":"the end"}"""));

        await Eventually.TrueAsync(() => test.Backend.Stats.Stderr.EndsWith("the end", StringComparison.Ordinal));
        Assert.Equal(64 * 1024, test.Backend.Stats.Stderr.Length);
    }

    [Fact]
    public async Task Ping_Flood_IsAnsweredWithoutLimitlessMemory()
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.Stdio);

        Assert.Equal("pinged", await test.TextAsync("ping_flood", """{"count":10000}"""));
    }

    [Fact]
    public async Task Received_EveryMessage_IsWholeAndInOrder()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "received");
        await using (var test = await TestBackend.ConnectAsync(Flavour.Stdio, ["--received", file], o => o with { Protocol = "2025-11-25" }))
            await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => test.TextAsync("echo", $$"""{"message":"{{i}}"}"""))));

        var lines = await File.ReadAllLinesAsync(file);
        Assert.Equal(502, lines.Length);
        Assert.StartsWith("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",""", lines[0]);
        Assert.Equal("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", lines[1]);
        Assert.Equal(500, lines.Skip(2).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetInt32()).Distinct().Count());
    }

    [Fact]
    public async Task Received_Request_DiffersInItsIdOnly()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "received");
        var odd = """ {"method":"tools\/call", "params":{"name":"echo","arguments":{"message":"\u0061"}} ,"id" : "x\u0041","jsonrpc":"2.0","extra":1E400}"""u8.ToArray();
        Assert.True(EnvelopeReader.TryRead(odd, EnvelopeLimits.FromAgents, out var message, out _));
        await using (var test = await TestBackend.ConnectAsync(Flavour.Stdio, ["--received", file], o => o with { Protocol = "2025-11-25" }))
            await test.Backend.RequestAsync(TestBackend.Request(message), default).WaitAsync(Waits.Long);

        Assert.Equal(Encoding.UTF8.GetString(odd).Replace("\"x\\u0041\"", "2", StringComparison.Ordinal), (await File.ReadAllLinesAsync(file))[^1]);
    }
}
