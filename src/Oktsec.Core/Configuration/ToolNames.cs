using Oktsec.Core.Policy;

namespace Oktsec.Core.Configuration;

/// <summary>The known tools under every spelling an entry may use.</summary>
internal sealed class ToolNames
{
    private readonly Dictionary<string, List<CatalogTool>> _spellings = new(StringComparer.Ordinal);

    public ToolNames(IEnumerable<CatalogTool> tools, bool isComplete)
    {
        IsComplete = isComplete;
        foreach (var tool in tools)
        {
            foreach (var spelling in Spellings(tool).Distinct(StringComparer.Ordinal))
            {
                if (!_spellings.TryGetValue(spelling, out var fitting))
                    _spellings[spelling] = fitting = [];
                fitting.Add(tool);
            }
        }
    }

    /// <summary>There are no others.</summary>
    public bool IsComplete { get; }

    /// <summary>The tools that some spelling of the entry could mean, whether or not it counts for them.</summary>
    public IReadOnlyList<CatalogTool> Fitting(Glob entry) =>
        entry.IsLiteral
            ? _spellings.GetValueOrDefault(entry.Pattern, [])
            : [.. _spellings.Where(s => entry.Matches(s.Key)).SelectMany(s => s.Value).Distinct()];

    public string Near(string entry) => Suggestion.For(entry, _spellings.Keys) is { } near ? $"did you mean {near}?" : "";

    private static IEnumerable<string> Spellings(CatalogTool tool) => [tool.Exposed, tool.Own, $"{tool.Backend}/{tool.Own}", $"{tool.Backend}_{tool.Own}"];
}
