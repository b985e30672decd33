using Oktsec.Configuration;
using Oktsec.Core.Configuration;
using Oktsec.Scanning.Rules;

namespace Oktsec.Commands;

/// <summary>A verification for people: the problems, what the file means, the verdict last.</summary>
internal sealed class VerifyReport(TextWriter output, Ink ink)
{
    // Wide enough for real names and lists; what is longer pushes only its own line.
    private const int MaxColumn = 48;

    public void Write(Verification verification)
    {
        foreach (var problem in verification.Problems)
            Write(problem);
        if (verification.Problems.Count > 0)
            output.WriteLine();
        if (verification.Config is { } config)
            WriteSummary(verification.Loaded, config);
        output.WriteLine(Verdict(verification));
    }

    private void Write(ConfigProblem problem)
    {
        var kind = problem.Kind == ProblemKind.Error ? ink.Red("error") : ink.Yellow("warning");
        var path = problem.Path.Length == 0 ? "" : ink.Bold(problem.Path) + ": ";
        output.WriteLine($"{(problem with { File = Near(problem.File) }).Place}: {kind}: {path}{problem.Message}");
        if (problem.Remedy.Length > 0)
            output.WriteLine($"    {problem.Remedy}");
    }

    private void WriteSummary(ConfigLoadResult loaded, OktsecConfig config)
    {
        var rules = KnownRules.Load(config.CustomRulesDir, out _).All;
        Table("gateway", [[ConfigSummary.Gateway(config)], [ConfigSummary.Rate(config)]]);
        Table("servers", ConfigSummary.Backends(loaded));
        Table("agents", [.. ConfigSummary.Agents(config), [$"({ConfigSummary.Unnamed(config)})"]]);
        Table("rules", [[Count(rules)], .. ConfigSummary.Rules(config)]);
        Table("webhooks", ConfigSummary.Webhooks(config));
        Table("records", [[config.DbPath]]);
        if (config.NotEnforced.Count > 0)
            Table("NOT ENFORCED: written, but they protect nothing yet", config.NotEnforced.Select(key => new[] { key }));
    }

    private static string Count(IReadOnlyList<Rule> rules)
    {
        var own = rules.Count(rule => rule.IsCustom);
        return own == 0 ? $"({rules.Count} built in)" : $"({rules.Count - own} built in, {own} of your own)";
    }

    private void Table(string title, IEnumerable<string[]> rows)
    {
        var lines = rows.ToList();
        output.WriteLine(ink.Bold(title));
        if (lines.Count == 0)
            output.WriteLine("  none");
        var multi = lines.Where(row => row.Length > 1).ToList();
        var columns = multi.Select(row => row.Length).DefaultIfEmpty(1).Max();
        var widths = Enumerable.Range(0, columns).Select(i => Math.Min(MaxColumn, multi.Max(row => (int?)row[i].Length) ?? 0)).ToArray();
        foreach (var row in lines)
            output.WriteLine(("  " + string.Join("  ", row.Select((cell, i) => row.Length == 1 ? cell : cell.PadRight(widths[i])))).TrimEnd());
        output.WriteLine();
    }

    // Relative inside the current folder: shorter, and still what an editor opens.
    private static string Near(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    private string Verdict(Verification verification)
    {
        var counts = $"{Number(verification.Errors, "error")}, {Number(verification.Warnings, "warning")}";
        return verification.Errors > 0 ? ink.Red($"{counts}: this file cannot be used") : ink.Green($"{counts}: this file can be used");
    }

    private static string Number(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";
}
