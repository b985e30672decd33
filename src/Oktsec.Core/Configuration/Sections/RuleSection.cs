using Oktsec.Core.Configuration.Schema;
using Oktsec.Scanning;

namespace Oktsec.Core.Configuration.Sections;

/// <summary><c>rules:</c></summary>
internal static class RuleSection
{
    public static readonly ConfigKey[] Keys =
    [
        new("rules", KeyType.Sections, "What this installation does differently about single rules."),
        new("rules[].id", KeyType.Text, "The rule, by its id or an alias.") { Required = true, Example = "IAP-007" },
        new("rules[].action", KeyType.Choice, "What a match does. Absent: what the rule itself says.") { Example = "block", Choices = ["block", "quarantine", "allow-and-flag", "redact", "ignore"] },
        new("rules[].severity", KeyType.Choice, "How much a match weighs. Absent: what the rule itself says.") { Example = "high", Choices = ["critical", "high", "medium", "low"] },
        new("rules[].notify", KeyType.Texts, "Webhooks, by name or URL, that hear of every match.") { Example = "[slack-security]" },
        new("rules[].template", KeyType.Text, "The text of chat messages about a match, with `{{RULE}}`, `{{RULE_NAME}}`, `{{CATEGORY}}`, `{{MATCH}}`, `{{ACTION}}`, `{{SEVERITY}}`, `{{FROM}}`, `{{TO}}`, `{{MESSAGE_ID}}`, `{{TIMESTAMP}}`.") { Example = "\"{{RULE}} stopped {{FROM}} at {{TO}}\"" },
        new("rules[].apply_to_tools", KeyType.Texts, "The override counts only for these tools. Name the server, as in the example: an entry that any server could claim may make the rule stricter, never weaker; see [Matching](#matching).") { Example = "[\"filesystem/*\"]" },
        new("rules[].exempt_tools", KeyType.Texts, "The override does not count for these tools; written as `apply_to_tools`.") { Example = "[filesystem/search_files]" },
    ];

    public static IReadOnlyList<RuleConfig> Read(ConfigSection top, RuleNames rules, ProblemList problems)
    {
        var overrides = new List<RuleConfig>();
        var everywhere = new HashSet<string>(StringComparer.Ordinal);
        foreach (var section in top.Items("rules").Select(i => i.Section!))
        {
            var (written, id) = (section.Text("id"), rules.FindRule(section.Text("id")));
            if (id is null && written.Length > 0)
                problems.Error(section.MarkOf("id"), section.PathOf("id"), $"no rule {Shown.Quote(section.Raw("id"))}", Remedy(written, rules));
            if (!section.Has("action") && !section.Has("severity") && !section.Has("notify") && !section.Has("template"))
                problems.Warning(section.Mark, section.Path.ToString(), "changes nothing", "write action:, severity: or notify:");
            if (!section.Has("apply_to_tools") && id is not null && !everywhere.Add(id))
                problems.Error(section.MarkOf("id"), section.PathOf("id"), $"{id} is already overridden for all tools above", "keep one, or limit this one with apply_to_tools");
            overrides.Add(ReadOne(section, id ?? written, problems));
        }
        return overrides;
    }

    private static RuleConfig ReadOne(ConfigSection section, string id, ProblemList problems) => new()
    {
        Id = id,
        Action = section.Text("action") switch
        {
            "block" => RuleOverrideAction.Block,
            "quarantine" => RuleOverrideAction.Quarantine,
            "allow-and-flag" => RuleOverrideAction.AllowAndFlag,
            "redact" => RuleOverrideAction.Redact,
            "ignore" => RuleOverrideAction.Ignore,
            _ => null,
        },
        Severity = section.Text("severity") switch
        {
            "critical" => Severity.Critical,
            "high" => Severity.High,
            "medium" => Severity.Medium,
            "low" => Severity.Low,
            _ => null,
        },
        Notify = section.Texts("notify"),
        Template = section.Text("template"),
        ApplyToTools = NamePatterns.ReadNames(section, "apply_to_tools", problems),
        ExemptTools = NamePatterns.ReadNames(section, "exempt_tools", problems),
    };

    // There are hundreds of ids: without a near one, those of the same family help, and else the families.
    private static string Remedy(string written, RuleNames rules)
    {
        if (Suggestion.For(written, rules.RuleIds) is { } near)
            return $"did you mean {near}?";
        var family = rules.RuleIds.Where(id => FamilyOf(id).Equals(FamilyOf(written), StringComparison.OrdinalIgnoreCase)).ToList();
        return family.Count > 0 ? $"known: {Shown.List(family)}" : $"ids begin with {Shown.List(rules.RuleIds.Select(FamilyOf).Distinct(StringComparer.Ordinal))}";
    }

    private static string FamilyOf(string id) => id[..(id.IndexOf('-', StringComparison.Ordinal) + 1)];
}
