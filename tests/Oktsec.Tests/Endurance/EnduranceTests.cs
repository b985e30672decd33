using Oktsec.Benchmarks.Measure;
using Oktsec.Tests.Gateway;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Endurance;

/// <summary>The short form of <c>./eng/bench endure</c>: after many sessions the gateway holds what it held before them.</summary>
public sealed class EnduranceTests
{
    // The thread pool follows the load for half a minute; a thread for each session would be ten times as many.
    private const int MoreThreads = 20;

    // Pooled connections and the database's files: a handle for each session would be ten times as many.
    private const int MoreHandles = 20;

    // What the garbage collector may leave lying about. 32 KiB lost with each of 2,000 sessions would be as much.
    private const long MoreBytes = 64 * 1024 * 1024;

    private static readonly string s_shared = """
        mcp_servers:
          test:
            transport: stdio
            command: {server}
            shared: true
        """;

    [Fact]
    public async Task Sessions_OpenedAndEnded_LeaveNothing()
    {
        await using var gateway = await GatewayProcess.StartAsync(s_shared);
        await RepeatAsync(400, () => LiveAsync(gateway.Url));
        var before = Holdings.Of(gateway.ProcessId);
        await RepeatAsync(2000, () => LiveAsync(gateway.Url));
        await AssertBackToAsync(before, gateway.ProcessId);
    }

    [Fact]
    public async Task Children_StartedAndStopped_LeaveNothing()
    {
        await using var gateway = await GatewayProcess.StartAsync(s_shared.Replace("shared: true", "shared: false", StringComparison.Ordinal));
        await RepeatAsync(4, () => LiveAsync(gateway.Url));
        // The process that ends what we might leave behind is there from the first child on.
        await TestGateway.UntilAsync(() => Holdings.Of(gateway.ProcessId).Children <= 1);
        var before = Holdings.Of(gateway.ProcessId);
        await RepeatAsync(60, () => LiveAsync(gateway.Url));
        await AssertBackToAsync(before, gateway.ProcessId);
    }

    [Fact]
    public async Task Sessions_AtOnce_IdleWithStreamsAndBusy_LeaveNothing()
    {
        await using var gateway = await GatewayProcess.StartAsync(s_shared);
        await RepeatAsync(100, () => LiveAsync(gateway.Url));
        var before = Holdings.Of(gateway.ProcessId);
        using (var leave = new CancellationTokenSource())
        {
            var idle = new List<(TestAgent Agent, Task Stream)>();
            for (var i = 0; i < 200; i++)
            {
                var agent = new TestAgent(gateway.Url, "tester");
                await agent.InitializeAsync();
                idle.Add((agent, ListenAsync(agent, leave.Token)));
            }
            await RepeatAsync(40, () => LiveAsync(gateway.Url, calls: 20));
            Assert.True(Holdings.Of(gateway.ProcessId).Handles > before.Handles + 150, "the idle sessions are not there");
            foreach (var (agent, _) in idle)
                Assert.Equal(System.Net.HttpStatusCode.OK, await agent.DeleteAsync());
            await Task.WhenAll(idle.Select(session => session.Stream));
            idle.ForEach(session => session.Agent.Dispose());
        }
        await AssertBackToAsync(before, gateway.ProcessId);
    }

    private static async Task LiveAsync(Uri url, int calls = 1)
    {
        using var agent = new TestAgent(url, "tester");
        await agent.InitializeAsync();
        for (var i = 0; i < calls; i++)
            Assert.Equal("hi", (await agent.CallAsync("echo", """{"message":"hi"}""")).Text);
        Assert.Equal(System.Net.HttpStatusCode.OK, await agent.DeleteAsync());
    }

    // The stream ends with the session.
    private static async Task ListenAsync(TestAgent agent, CancellationToken cancel)
    {
        await foreach (var _ in agent.ListenAsync(cancel))
            continue;
    }

    private static Task RepeatAsync(int count, Func<Task> work) => Parallel.ForAsync(
        0, count, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) => await work());

    private static async Task AssertBackToAsync(Holdings before, int pid)
    {
        await TestGateway.UntilAsync(() =>
        {
            var now = Holdings.Of(pid);
            return now.Children <= before.Children && now.Handles <= before.Handles + MoreHandles && now.Threads <= before.Threads + MoreThreads;
        });
        var grown = Holdings.Of(pid).ResidentBytes - before.ResidentBytes;
        Assert.True(grown <= MoreBytes, $"{grown / 1024} KiB more than before");
    }
}
