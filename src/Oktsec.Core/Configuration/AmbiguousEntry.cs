using Oktsec.Core.Policy;

namespace Oktsec.Core.Configuration;

/// <summary>An entry of <c>allowed_tools</c> that fits tools of two backends: nobody can say which one is meant, so it allows neither.</summary>
/// <param name="Path">The key's path, <c>agents.data-analyst.allowed_tools[2]</c>.</param>
/// <param name="Entry">As written.</param>
/// <param name="One">One of the tools.</param>
/// <param name="Other">A tool of another backend.</param>
public sealed record AmbiguousEntry(string Path, string Entry, CatalogTool One, CatalogTool Other)
{
    /// <summary><c>"read" fits files/read and github/read</c></summary>
    public string Message => $"{Shown.Quote(Entry)} fits {One.Written} and {Other.Written}";

    public string Remedy => $"write {One.Written} or {Other.Written}, or both";

    /// <summary>Those of all agents, in the order of the file.</summary>
    public static IReadOnlyList<AmbiguousEntry> Find(OktsecConfig config, IReadOnlyCollection<CatalogTool> tools)
    {
        var names = new ToolNames(tools, isComplete: false);
        return [.. from agent in config.Agents.Values
                   from entry in agent.AllowedTools.Index()
                   let found = Of($"agents.{agent.Name}.allowed_tools[{entry.Index}]", entry.Item, names)
                   where found is not null
                   select found];
    }

    /// <summary>Null when it is clear.</summary>
    internal static AmbiguousEntry? Of(string path, string entry, ToolNames names)
    {
        // A pattern means to fit several, and with a slash it names its server, whatever another one calls its tools.
        var glob = new Glob(entry);
        if (!glob.IsLiteral || entry.Contains('/', StringComparison.Ordinal))
            return null;
        var fitting = names.Fitting(glob);
        return fitting.FirstOrDefault(tool => tool.Backend != fitting[0].Backend) is { Backend: not null } other
            ? new AmbiguousEntry(path, entry, fitting[0], other)
            : null;
    }
}
