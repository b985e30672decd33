using Oktsec.Core.Configuration.Schema;
using Oktsec.Core.Policy;

namespace Oktsec.Core.Configuration;

/// <summary>A tool that is known to exist.</summary>
/// <param name="Exposed">The name agents see.</param>
/// <param name="Backend">The backend that owns it.</param>
/// <param name="Own">The backend's own name.</param>
public readonly record struct CatalogTool(string Exposed, string Backend, string Own)
{
    /// <summary>How an entry names it beyond doubt.</summary>
    public string Written => $"{Backend}/{Own}";
}

/// <summary>Compares the tool lists of a configuration with the tools there are.</summary>
public static class CatalogValidator
{
    private static readonly string[] s_agentLists = ["allowed_tools", "denied_tools"];
    private static readonly string[] s_ruleLists = ["apply_to_tools", "exempt_tools"];

    /// <summary>Errors for entries that fit tools of two backends, warnings for entries that fit none; in the order of the file.</summary>
    /// <remarks>An entry of <c>allowed_tools</c> in error allows nothing (<see cref="AmbiguousEntry"/>).</remarks>
    /// <param name="loaded">What was read.</param>
    /// <param name="tools">All tools of the backends that were seen.</param>
    /// <param name="unseen">Backends that never were; while there are any, an entry that fits nothing may be theirs and is not complained of.</param>
    public static IReadOnlyList<ConfigProblem> Check(ConfigLoadResult loaded, IReadOnlyCollection<CatalogTool> tools, IReadOnlyCollection<string> unseen)
    {
        if (loaded.Top is not { } top || loaded.Config is not { } config)
            return [];
        var problems = new ProblemList(config.SourcePath);
        var names = new ToolNames(tools, isComplete: unseen.Count == 0);
        foreach (var agent in top.Items("agents"))
            CheckLists(agent.Section!, s_agentLists, names, problems);
        foreach (var rule in top.Items("rules"))
            CheckLists(rule.Section!, s_ruleLists, names, problems);
        return problems.InOrder();
    }

    private static void CheckLists(ConfigSection section, string[] lists, ToolNames names, ProblemList problems)
    {
        foreach (var list in lists)
        {
            foreach (var entry in section.Items(list))
                CheckEntry(entry, list == "denied_tools", names, problems);
        }
    }

    private static void CheckEntry(ConfigValue entry, bool mayFitMany, ToolNames names, ProblemList problems)
    {
        if (names.IsComplete && names.Fitting(new Glob(entry.Text)).Count == 0)
            problems.Warning(entry.Mark, entry.Path.ToString(), $"no known server offers {Shown.Quote(entry.Raw)}", names.Near(entry.Text));
        if (!mayFitMany && AmbiguousEntry.Of(entry.Path.ToString(), entry.Text, names) is { } ambiguous)
            problems.Error(entry.Mark, ambiguous.Path, (ambiguous with { Entry = entry.Raw }).Message, ambiguous.Remedy);
    }
}
