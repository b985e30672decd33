namespace Oktsec.Scanning.Rules;

/// <summary>What a rule says of itself, in the words of rule files.</summary>
public static class RuleWords
{
    public static string Of(Place place) => RuleNames.Places[(int)place];

    public static string Of(RuleAction action) => action switch
    {
        RuleAction.Block => "block",
        RuleAction.Quarantine => "quarantine",
        RuleAction.Redact => "redact",
        RuleAction.Strip => "strip",
        RuleAction.Flag => "flag",
        _ => "log",
    };

    public static string Of(Severity severity) => severity switch
    {
        Severity.Critical => "critical",
        Severity.High => "high",
        Severity.Medium => "medium",
        _ => "low",
    };

    /// <summary><c>any</c>, or the places: <c>args, result</c>.</summary>
    public static string Where(Rule rule) => rule.Where.Count == 3 ? "any" : rule.Where.Count == 0 ? "none" : string.Join(", ", rule.Where.Select(Of));

    /// <summary>The one action of all its places, or each: <c>args block, result redact</c>.</summary>
    public static string Action(Rule rule)
    {
        var actions = rule.Where.Select(rule.ActionAt).Distinct().ToList();
        return actions.Count switch
        {
            0 => "none",
            1 => Of(actions[0]),
            _ => string.Join(", ", rule.Where.Select(place => $"{Of(place)} {Of(rule.ActionAt(place))}")),
        };
    }

    /// <summary>What happens, in a sentence.</summary>
    public static string Meaning(RuleAction action, Place place) => (action, place) switch
    {
        (RuleAction.Block or RuleAction.Quarantine, Place.Definition) => "the tool is not listed and cannot be called",
        (RuleAction.Block, Place.Arguments) => "the call is denied; the server never sees it",
        (RuleAction.Block, _) => "the result is withheld; the agent gets an error",
        (RuleAction.Quarantine, Place.Arguments) => "the call is held for a person",
        (RuleAction.Quarantine, _) => "the result is held for a person",
        (RuleAction.Redact, _) => "the match becomes [REDACTED:...], the rest is delivered",
        (RuleAction.Strip, _) => "the match is taken out, the rest is delivered",
        (RuleAction.Flag, _) => "delivered, flagged in the log",
        _ => "delivered, recorded",
    };

    /// <summary>The frameworks rules refer to, in the order they are shown, with their names.</summary>
    public static IReadOnlyList<(string Key, string Title)> Frameworks { get; } =
    [
        ("owasp_llm", "OWASP LLM Top 10 2025"),
        ("asi", "OWASP Agentic Top 10 2026"),
        ("mcp", "OWASP MCP Top 10 2025"),
        ("atlas", "MITRE ATLAS"),
        ("safe_mcp", "SAFE-MCP"),
        ("cwe", "CWE"),
    ];
}
