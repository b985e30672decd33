using System.Text.Json.Nodes;
using Oktsec.Commands;
using Oktsec.Tests.Commands;
using Oktsec.Tests.Gateway;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Hosting;

/// <summary>Keys that promise protection and do not give it yet are named at the start, in verify and in /health.</summary>
public sealed class NotEnforcedTests
{
    private const string Config = """
        gateway: { trusted_loopback_headers: false }
        agents:
          secret-name: { tool_policies: { pay: { max_amount: 10 } } }
          other: { tool_policies: { pay: { max_amount: 10 } }, tool_constraints: { read_file: { path: { max_length: 9 } } } }
        """;

    [Fact]
    public async Task Health_NamesTheKeysWithoutTheNamesOfAgents()
    {
        await using var gateway = await TestGateway.StartAsync(Config);
        using var http = new HttpClient();

        var health = JsonNode.Parse(await http.GetStringAsync(new Uri(gateway.Url, "/health"), TestContext.Current.CancellationToken))!;

        Assert.Equal(
            ["gateway.trusted_loopback_headers", "agents.*.tool_policies", "agents.*.tool_constraints"],
            health["not_enforced"]!.AsArray().Select(k => k!.GetValue<string>()));
        await gateway.ReloadAsync("rate_limit: { per_agent: 5 }");
        Assert.Empty(JsonNode.Parse(await http.GetStringAsync(new Uri(gateway.Url, "/health"), TestContext.Current.CancellationToken))!["not_enforced"]!.AsArray());
    }

    [Fact]
    public async Task Verify_NamesThem()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["oktsec.yaml"], Config + $"\ndb_path: {folder["o.db"]}\n");

        var (exit, output, _) = await CommandRun.RunAsync(VerifyCommand.Create(), "--config", folder["oktsec.yaml"]);

        Assert.Equal(ExitCodes.Fine, exit);
        Assert.Contains("NOT ENFORCED: written, but they protect nothing yet\n  gateway.trusted_loopback_headers\n  agents.secret-name.tool_policies\n", output);
    }

    [Fact]
    public async Task Start_NamesThemOnStandardError()
    {
        await using var gateway = await GatewayProcess.StartAsync(Config);

        await TestGateway.UntilAsync(() => gateway.Output().Contains("  agents.other.tool_constraints", StringComparison.Ordinal));

        // Both outputs are read here, and a line of the banner may come between two of these.
        Assert.Equal(
            ["oktsec: NOT ENFORCED, these keys are written but protect nothing yet:", "  gateway.trusted_loopback_headers", "  agents.secret-name.tool_policies"],
            gateway.Output().Split('\n').Where(l => l.Contains("NOT ENFORCED", StringComparison.Ordinal) || l.StartsWith("  gateway.", StringComparison.Ordinal) || l.StartsWith("  agents.secret", StringComparison.Ordinal)));
    }
}
