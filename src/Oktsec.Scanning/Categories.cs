namespace Oktsec.Scanning;

/// <summary>The canonical categories and the other names users know them by. The only place a category is named.</summary>
public static class Categories
{
    // Canonical name, what it is, the other names in use for it.
    private static readonly (string Name, string Aliases)[] Table =
    [
        ("prompt-injection", "injection instruction-override"),
        ("indirect-injection", "ipi"),
        ("tool-output", "tool-output-attack"),
        ("tool-poisoning", "mcp-attack"),
        ("inter-agent", ""),
        ("sampling", "elicitation"),
        ("protocol", ""),
        ("credentials", "credential-leak credential secrets secret"),
        ("pii", "personal-data"),
        ("payment-data", "pci card-data"),
        ("exfiltration", "data-exfiltration exfil"),
        ("path-traversal", "path file-access"),
        ("tool-call", ""),
        ("ssrf", "ssrf-cloud"),
        ("command-execution", "command-injection code-execution"),
        ("sql", "sql-injection"),
        ("destructive", ""),
        ("overeager", ""),
        ("memory-poisoning", ""),
        ("container-escape", ""),
        ("unicode", "unicode-attack"),
        ("encoded", "obfuscation"),
        ("supply-chain", "external-download supply-chain-exfil"),
        ("web", "web-payload third-party-content"),
        ("leakage", "information-leak"),
        ("session-flow", "toxic-flow"),
        ("custom", ""),
    ];

    private static readonly Dictionary<string, string> ByName = Build();

    /// <summary>The canonical name for any accepted spelling (case, <c>_</c> or <c>-</c>, alias), or null when unknown.</summary>
    public static string? Canonical(string name) => ByName.GetValueOrDefault(name.Trim().ToLowerInvariant().Replace('_', '-').Replace(' ', '-'));

    /// <summary>Canonical names in the order of the docs.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Table.Select(row => row.Name)];

    private static Dictionary<string, string> Build()
    {
        var map = new Dictionary<string, string>();
        foreach (var (name, aliases) in Table)
        {
            map.Add(name, name);
            foreach (var alias in aliases.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                map.Add(alias, name);
        }
        return map;
    }
}
