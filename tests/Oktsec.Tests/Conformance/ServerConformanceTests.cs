using System.Collections.Concurrent;
using Oktsec.Tests.Peers;

namespace Oktsec.Tests.Conformance;

/// <summary>
/// The official suite sees no difference: every server scenario passes directly, and the same checks pass through the gateway, and through an observing
/// <c>oktsec proxy</c> that changes no byte.
/// </summary>
public sealed class ServerConformanceTests(ServerConformanceTests.Runs runs) : IClassFixture<ServerConformanceTests.Runs>
{
    private static readonly string[] s_backends = ["http", "stdio"];
    private static readonly string[] s_doors = [.. s_backends, ServerComparison.Proxy];

    /// <summary>How many scenarios the suite has for each revision; fewer would be a comparison of less than all.</summary>
    public static TheoryData<string, int> Counts { get; } = new() { { "2025-06-18", 27 }, { "2025-11-25", 33 }, { "2026-07-28", 40 } };

    public static TheoryData<string, string, string> All { get; } = Rows();

    public static TheoryData<string, string> OfEachRevision { get; } = new(ConformanceSuite.Scenarios);

    [Theory]
    [MemberData(nameof(Counts))]
    public async Task Scenarios_AreThoseOfTheSuite(string revision, int count)
    {
        var listed = (await ConformanceSuite.OutputAsync("list", "--server", "--spec-version", revision)).Split('\n')
            .Where(line => line.StartsWith("  - ", StringComparison.Ordinal)).Select(line => line[4..].Split(' ')[0]);
        var ours = ConformanceSuite.Scenarios.Where(s => s.Revision == revision).Select(s => s.Scenario).ToArray();
        Assert.Equal(listed.Order(), ours.Order());
        Assert.Equal(count, ours.Length);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Scenario_Directly_Passes(string backend, string revision, string scenario)
    {
        var checks = (await runs.Get(backend, revision)).Direct[scenario];
        Assert.DoesNotContain(checks, check => check.IsFlaw);
        Assert.Contains(checks, check => check.Status == "SUCCESS" || scenario == "server-sse-multiple-streams");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Scenario_ThroughTheGateway_PassesTheSameChecks(string backend, string revision, string scenario)
    {
        var run = await runs.Get(backend, revision);
        Assert.DoesNotContain(run.Through[scenario], check => check.IsFlaw);
        Assert.Empty(run.Lost(scenario));
    }

    [Theory]
    [MemberData(nameof(OfEachRevision))]
    public async Task Scenario_ThroughTheProxy_PassesTheSameChecks(string revision, string scenario)
    {
        var run = await runs.Get(ServerComparison.Proxy, revision);
        Assert.DoesNotContain(run.Through[scenario], check => check.IsFlaw);
        Assert.Empty(run.Lost(scenario));
    }

    [Theory]
    [MemberData(nameof(Counts))]
    public async Task Bytes_ThroughTheProxy_AreTheSameOnBothSides(string revision, int count)
    {
        var run = await runs.Get(ServerComparison.Proxy, revision);
        // A session has a process of its own, requests of 2026-07-28 share one. Every scenario says something.
        Assert.True(run.Recordings.Count(r => r.Agent.In.Length > 0) >= (revision == "2026-07-28" ? 1 : count / 2), $"{run.Recordings.Count} recordings");
        var said = ProxyRecording.Said(run.Recordings);
        Assert.True(said.Values.Sum() > count, $"{said.Values.Sum()} messages");
        Assert.All(run.Recordings, recording =>
        {
            Assert.Equal(recording.Agent.In, recording.Server.In);
            Assert.Equal(recording.Server.Out, recording.Agent.Out);
        });
        Assert.Equal(said, run.Recorded.Where(r => said.ContainsKey(r.Key))); // and answers, under the method of their question
    }

    private static TheoryData<string, string, string> Rows()
    {
        var rows = new TheoryData<string, string, string>();
        foreach (var backend in s_backends)
        {
            foreach (var (revision, scenario) in ConformanceSuite.Scenarios)
                rows.Add(backend, revision, scenario);
        }
        return rows;
    }

    /// <summary>Every comparison is made once, when it is first asked for; two at a time, since most of one is waiting.</summary>
    public sealed class Runs : IAsyncLifetime
    {
        private readonly ConcurrentDictionary<(string, string), Lazy<Task<ServerComparison>>> _runs = new();
        private readonly SemaphoreSlim _turn = new(2, 2);

        internal Task<ServerComparison> Get(string backend, string revision)
        {
            // The first to ask sets all going.
            foreach (var each in s_doors.SelectMany(b => ConformanceSuite.Scenarios.Select(s => (b, s.Revision)).Distinct()))
                _runs.GetOrAdd(each, key => new(() => StartAsync(key.Item1, key.Item2)));
            _ = _runs.Values.Select(run => run.Value).ToList();
            return _runs[(backend, revision)].Value;
        }

        public ValueTask InitializeAsync() => ValueTask.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            await Task.WhenAll(_runs.Values.Select(run => (Task)run.Value)).ContinueWith(_ => { }, TaskScheduler.Default);
            _turn.Dispose();
        }

        // The runs belong to no one test: the context of the one that happened to ask first is gone before the last is done.
        private Task<ServerComparison> StartAsync(string backend, string revision)
        {
            using (ExecutionContext.SuppressFlow())
                return Task.Run(() => RunAsync(backend, revision));
        }

        private async Task<ServerComparison> RunAsync(string backend, string revision)
        {
            // Compared with what passes directly over stdio, which is not done twice.
            var direct = backend == ServerComparison.Proxy ? await Get("stdio", revision) : null;
            await _turn.WaitAsync();
            try
            {
                var run = await (direct is null ? ServerComparison.RunAsync(backend, revision) : ServerComparison.RunProxyAsync(direct));
                var folder = Directory.CreateDirectory(Path.Combine(PeerPaths.Root, "artifacts", "conformance"));
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, $"{revision}-{backend}.txt"), run.Summary + "\n");
                return run;
            }
            finally
            {
                _turn.Release();
            }
        }
    }
}
