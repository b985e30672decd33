using Oktsec.Commands;
using Oktsec.Core.Audit;
using Oktsec.Scanning;

namespace Oktsec.Demo;

/// <summary>Prints the demonstration; colours only where the caller says so.</summary>
internal sealed class DemoPrinter(TextWriter output, bool hasColours)
{
    private const int Width = 96; // fits a terminal of 100 columns

    public void Head(Uri gateway)
    {
        output.WriteLine(Bold("oktsec demo") + ": an agent, the gateway, and one MCP server that an attacker has been at");
        output.WriteLine($"  gateway  {gateway} (a free port, gone when the demo ends)");
        output.WriteLine("  server   a child process over stdio; it counts the calls that reach it");
        output.WriteLine($"  agent    {DemoScenes.Agent}: may use {string.Join(", ", DemoScenes.AllowedTools)}; {DemoScenes.RateLimit} requests a minute");
    }

    public void Scene(int number, DemoScene scene, DemoAct act, AuditRow? row, int before, int after)
    {
        var decision = DemoVerdict.DecisionOf(row);
        var status = DemoVerdict.StatusOf(row);
        output.WriteLine();
        output.WriteLine(Bold($"{number}. {scene.Title}"));
        output.WriteLine($"   did      {Cut(act.Did)}");
        output.WriteLine($"   verdict  {Coloured(status, $"{status}, {decision}")}");
        foreach (var finding in DemoVerdict.RulesOf(row))
            output.WriteLine($"   rule     {finding.RuleId} {finding.RuleName} ({finding.Severity.ToString().ToLowerInvariant()})");
        output.WriteLine($"   saw      {Cut(act.Saw)}");
        output.WriteLine($"   server   {(after > before ? $"received {after - before}" : "received nothing")}; {after} in all");
    }

    public void Logs(IReadOnlyList<AuditRow> rows)
    {
        output.WriteLine();
        output.WriteLine(Bold("$ oktsec logs"));
        output.WriteLine();
        new LogPrinter(output, isJson: false, isWide: false).Print(rows);
    }

    public void Tail(TimeSpan took, IReadOnlyList<string> wrong)
    {
        output.WriteLine();
        foreach (var line in wrong)
            output.WriteLine(Coloured("blocked", "not as expected: " + line));
        var end = wrong.Count == 0 ? "Seven scenes as they should be" : $"{wrong.Count} scenes went wrong";
        output.WriteLine(FormattableString.Invariant($"{end}, in {took.TotalSeconds:0.0} s. Next: write a configuration and run oktsec gateway --config FILE."));
    }

    private static string Cut(string text)
    {
        var line = text.ReplaceLineEndings(" / ");
        return line.Length <= Width ? line : line[..(Width - 3)] + "...";
    }

    private string Bold(string text) => hasColours ? $"\e[1m{text}\e[0m" : text;

    private string Coloured(string status, string text)
    {
        if (!hasColours)
            return text;
        var colour = status switch
        {
            "delivered" => "\e[32m",
            "quarantined" or "rejected" => "\e[33m",
            _ => "\e[31m",
        };
        return $"{colour}{text}\e[0m";
    }
}

/// <summary>What a record says, outcome before entry.</summary>
internal static class DemoVerdict
{
    public static string DecisionOf(AuditRow? row) => row?.Outcome?.Decision ?? row?.Entry.Decision ?? "not recorded";

    public static string StatusOf(AuditRow? row) => (row?.Outcome?.Status ?? row?.Entry.Status)?.ToString().ToLowerInvariant() ?? "nothing";

    /// <summary>Each rule once, the most severe first.</summary>
    public static IEnumerable<Finding> RulesOf(AuditRow? row) =>
        (row is null ? [] : row.Entry.Findings.Concat(row.Outcome?.Findings ?? []))
            .OrderByDescending(f => f.Severity).ThenBy(f => f.RuleId, StringComparer.Ordinal).DistinctBy(f => f.RuleId);
}
