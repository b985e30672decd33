using System.Diagnostics;
using System.Globalization;
using Oktsec.Storage.Sqlite;
using Oktsec.Tests.Gateway;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.StdioProxy;

/// <summary>Start and end: exit codes, signals, the end of either side, and nothing left behind.</summary>
public sealed class ProxyLifeTests
{
    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("kill -9 $$", 137)]
    [InlineData("kill -15 $$", 143)]
    public async Task ExitCode_IsTheServers(string script, int code)
    {
        await using var proxy = ProxyProcess.Start("", ["sh", "-c", script]);
        Assert.Equal(code, await proxy.ExitAsync()); // our input is open all the while
    }

    [Fact]
    public async Task EndOfInput_LetsTheServerFinish()
    {
        await using var proxy = ProxyProcess.Start("--enforce", ["sh", "-c", "cat > seen; echo '{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}'; exit 3"]);
        await proxy.Input.WriteAsync("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"u8.ToArray()); // no newline: the last message all the same
        var output = proxy.ReadToEndAsync();
        Assert.Equal(3, await proxy.EndAsync());
        Assert.Equal("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}\n", System.Text.Encoding.UTF8.GetString(await output));
        Assert.Equal("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", await File.ReadAllTextAsync(proxy.Folder["seen"]));
        Assert.Equal("outcome_unknown", proxy.Records("ping").Single().Decision);
    }

    [Fact]
    public async Task Server_ThatIgnoresTheEndOfItsInput_IsStopped()
    {
        await using var proxy = ProxyProcess.StartServer("", more: ["--ignore-eof", "--ignore-sigterm", "--grandchild", "--pids", "__PIDS__"]);
        await proxy.InitializeAsync();
        var pids = Pids(proxy);
        Assert.Equal(2, pids.Length);
        await proxy.EndAsync();
        await TestGateway.UntilAsync(() => !pids.Any(IsRunning));
    }

    // The minute that an answer may take is for a client that can still hear it, and for a server that can still give it.
    [Fact]
    public async Task Client_ThatIsGone_IsNotWaitedFor()
    {
        await using var proxy = ProxyProcess.Start("--enforce", ["sh", "-c", "read -r line; echo $$ > pid; while :; do sleep 1; done"]);
        await proxy.SendAsync(Messages.Call("1", "hang"));
        await TestGateway.UntilAsync(() => Pid(proxy) > 0);
        proxy.Output.Close();
        await proxy.EndAsync();
        Assert.False(IsRunning(Pid(proxy)));
        Assert.Equal("outcome_unknown", proxy.Records("tools/call").Single().Decision);
    }

    [Theory]
    [InlineData("read -r line; echo $$ > pid; kill -STOP $$")]
    [InlineData("sh -c 'read -r line; echo $$ > pid; kill -STOP $$'; exit 0")] // behind a launcher, as with npx
    public async Task Server_ThatIsStopped_IsNotWaitedForOnceItsInputEnds(string script)
    {
        await using var proxy = ProxyProcess.Start("--enforce", ["sh", "-c", script]);
        await proxy.SendAsync(Messages.Call("1", "hang"));
        await TestGateway.UntilAsync(() => Pid(proxy) > 0);
        await proxy.EndAsync();
        Assert.False(IsRunning(Pid(proxy)));
        Assert.Equal("outcome_unknown", proxy.Records("tools/call").Single().Decision);
    }

    // The end of the client's input stands behind what the server does not take.
    [Theory]
    [InlineData("--enforce", true)]
    [InlineData("--enforce", false)]
    [InlineData("", true)]
    public async Task Client_ThatLeavesAServerWhichDoesNotRead_IsNoticed(string options, bool isGone)
    {
        await using var proxy = ProxyProcess.Start(options, ["sh", "-c", "echo $$ > pid; exec sleep 1000"]);
        await TestGateway.UntilAsync(() => Pid(proxy) > 0);
        var line = Messages.Call("1", "x", $$"""{"text":"{{new string('y', 1_000_000)}}"}"""); // more than a pipe takes
        var sending = proxy.SendAsync(line); // all of it is read, since a line is read before it is passed on
        await sending.WaitAsync(TimeSpan.FromSeconds(60));
        await proxy.SendAsync(Messages.Call("2", "x"));
        if (isGone)
            proxy.Output.Close();
        await proxy.EndAsync();
        Assert.False(IsRunning(Pid(proxy)));
        Assert.Equal("outcome_unknown", proxy.Records("tools/call")[0].Decision);
    }

    [Theory]
    [InlineData("TERM", 3)]
    [InlineData("INT", 4)]
    public async Task Signal_ReachesTheServerAndItsExitCodeIsOurs(string signal, int code)
    {
        await using var proxy = ProxyProcess.Start("", ["sh", "-c", "trap 'exit 3' TERM; trap 'exit 4' INT; echo ready; while read -r line; do :; done"]);
        Assert.Equal("ready", await proxy.ReadAsync());
        using (var kill = Process.Start("kill", ["-" + signal, proxy.Pid.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        Assert.Equal(code, await proxy.ExitAsync());
    }

    [Fact]
    public async Task KilledProxy_LeavesNoProcess()
    {
        await using var proxy = ProxyProcess.StartServer("", more: ["--ignore-eof", "--ignore-sigterm", "--grandchild", "--pids", "__PIDS__"]);
        await proxy.InitializeAsync();
        var pids = Pids(proxy);
        Assert.Equal(2, pids.Length);
        proxy.Kill();
        await TestGateway.UntilAsync(() => !pids.Any(IsRunning));
    }

    [Fact]
    public async Task Agent_ThatStopsReading_EndsTheServer()
    {
        await using var proxy = ProxyProcess.Start("", ["sh", "-c", "echo ready; while echo more; do :; done; exec sleep 1000"]);
        Assert.Equal("ready", await proxy.ReadAsync());
        proxy.Output.Close();
        await proxy.ExitAsync();
    }

    [Fact]
    public async Task Stderr_OfTheServer_PassesAndStdoutIsTheProtocolAlone()
    {
        await using var proxy = ProxyProcess.Start("--enforce", ["sh", "-c", "echo to the person >&2; cat > /dev/null"]);
        var output = proxy.ReadToEndAsync();
        await proxy.EndAsync();
        Assert.Empty(await output);
        Assert.Equal("to the person\n", await proxy.AllErrorsAsync());
    }

    [Fact]
    public async Task Environment_AndFolder_AreThoseOfTheClient()
    {
        await using var proxy = ProxyProcess.Start("", ["sh", "-c", "echo $HOME; pwd"]);
        Assert.Equal((proxy.Folder.Path, proxy.Folder.Path), (await proxy.ReadAsync(), await proxy.ReadAsync()));
    }

    [Fact]
    public async Task Arguments_AfterTheDashes_AreTheServersOwn()
    {
        await using var proxy = ProxyProcess.Start("", ["echo", "@scope/name", "-y", "--agent", "x", "--", "a b", "*"]);
        Assert.Equal("@scope/name -y --agent x -- a b *", await proxy.ReadAsync());
        Assert.Equal(0, await proxy.ExitAsync());
    }

    [Theory]
    [InlineData("no-such-program-anywhere")]
    [InlineData("./not/here")]
    public async Task Command_ThatIsNotThere_IsSaidOnStderr(string command)
    {
        await using var proxy = ProxyProcess.Start("", [command]);
        Assert.Equal(2, await proxy.ExitAsync());
        Assert.StartsWith("oktsec: ", await proxy.AllErrorsAsync());
    }

    // 6 s: the store gives up waiting for a lock after five.
    [Theory]
    [InlineData("--enforce", false)]
    [InlineData("", true)]
    public async Task Call_ThatCannotBeRecorded_IsDeniedWhereDecisionsAreEnforced(string options, bool passes)
    {
        await using var proxy = ProxyProcess.StartServer(options);
        await proxy.InitializeAsync();
        await TestGateway.UntilAsync(() => proxy.Received().Length == 2);
        using (var other = Database.Open(proxy.DbPath, fullDurability: false))
        {
            other.Execute("BEGIN IMMEDIATE");
            var answer = await proxy.AskAsync(Messages.Call("1", "echo", """{"message":"unseen"}"""));
            if (passes)
                Assert.Contains("\"result\"", answer);
            else
                Assert.Equal(Messages.Error("1", "blocked by oktsec: audit_unavailable"), answer);
            Assert.Equal(passes, proxy.Received().Any(l => l.Contains("unseen", StringComparison.Ordinal)));
            other.Execute("ROLLBACK");
        }
        Assert.Contains("\"result\"", await proxy.AskAsync(Messages.Call("2", "echo", """{"message":"seen"}""")));
    }

    [Fact]
    public async Task ProxiesAndAGateway_OnOneDatabase_LoseNoRecord()
    {
        const int calls = 150;
        await using var gateway = await TestGateway.StartAsync("mcp_servers:\n" + TestGateway.Backend("one"));
        var db = gateway.Folder["store/oktsec.db"];
        await using var first = ProxyProcess.StartServer("--enforce", $"db_path: {db}\n", agent: "first");
        await using var second = ProxyProcess.StartServer("", $"db_path: {db}\n", agent: "second");
        using var agent = await gateway.ConnectAsync("third");
        await Task.WhenAll(first.InitializeAsync(), second.InitializeAsync());
        await Task.WhenAll(CallAsync(first), CallAsync(second), Task.Run(async () =>
        {
            for (var i = 0; i < calls; i++)
                Assert.False((await agent.CallAsync("echo", """{"message":"m"}""")).IsToolError);
        }));
        await Task.WhenAll(first.EndAsync(), second.EndAsync());
        var records = ProxyProcess.RecordsOf(db).Where(r => r.Entry.Method == "tools/call").ToList();
        foreach (var (name, door) in new[] { ("first", "proxy"), ("second", "proxy"), ("third", "gateway") })
            Assert.Equal(calls, records.Count(r => r.Entry.Agent == name && r.Entry.Door == door && r.Outcome is not null && r.Decision == "allow"));
        Assert.Equal("", first.Errors() + second.Errors());

        static async Task CallAsync(ProxyProcess proxy)
        {
            for (var i = 0; i < calls; i++)
                Assert.Contains("\"result\"", await proxy.AskAsync(Messages.Call($"{i}", "echo", """{"message":"m"}""")));
        }
    }

    // Written whole once its line end is there.
    private static int Pid(ProxyProcess proxy) =>
        File.Exists(proxy.Folder["pid"]) && File.ReadAllText(proxy.Folder["pid"]) is { Length: > 1 } text && text[^1] == '\n' ? int.Parse(text, CultureInfo.InvariantCulture) : 0;

    private static int[] Pids(ProxyProcess proxy) => [.. File.ReadAllLines(proxy.Folder["pids"]).Select(int.Parse)];

    // A zombie has ended; its parent here is whoever adopts it.
    private static bool IsRunning(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (Exception e) when (e is IOException or DirectoryNotFoundException)
        {
            return false;
        }
    }
}
