using Oktsec.Core.Configuration.Schema;

namespace Oktsec.Core.Configuration.Sections;

/// <summary><c>agents:</c></summary>
internal static class AgentSection
{
    public static readonly ConfigKey[] Keys =
    [
        new("agents", KeyType.NamedSections, "What each agent may do, by name. Absent or empty: every name is served, with all tools and all checks."),
        new("agents.NAME.description", KeyType.Text, "A remark for people.") { Example = "\"Read-only across filesystem and database\"" },
        new("agents.NAME.suspended", KeyType.Flag, "Every call of this agent is denied.") { Default = "false", Example = "true" },
        new("agents.NAME.allowed_tools", KeyType.Texts, "The tools this agent sees and may call; see [Matching](#matching). Absent or `[]`: all.") { Example = "[read_file, \"filesystem_*\", postgres/query]" },
        new("agents.NAME.denied_tools", KeyType.Texts, "Tools this agent neither sees nor may call, even when `allowed_tools` lists them.") { Example = "[\"*_delete_*\"]" },
        new("agents.NAME.allowed_resources", KeyType.Texts, "URIs of the resources this agent sees and may read, or `SERVER/URI` for one server's; `*` and `?` allowed. Absent or `[]`: all.") { Example = "[\"file:///data/*\"]" },
        new("agents.NAME.allowed_prompts", KeyType.Texts, "Prompts this agent sees and may get, written as tools are. Absent or `[]`: all.") { Example = "[summarize]" },
        new("agents.NAME.blocked_content", KeyType.Texts, "Categories of findings (medium severity or above) that deny a call of this agent. Aliases count: `credential_leak` is `credentials`.") { Example = "[credentials, exfiltration]" },
        new("agents.NAME.can_message", KeyType.Texts, "Agents it may send messages to.") { Example = "[coordinator]" },
        new("agents.NAME.max_concurrent_calls", KeyType.Number, "Calls of this agent in flight at once.") { Default = "64", Example = "16", Min = 1, Max = 100_000 },
    ];

    // As the existing product has it: ^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$, a leading underscore reserved.
    private const int MaxNameLength = 128;

    public static IReadOnlyDictionary<string, AgentConfig> Read(ConfigSection top, RuleNames rules, ProblemList problems)
    {
        var agents = new Dictionary<string, AgentConfig>(StringComparer.Ordinal);
        foreach (var item in top.Items("agents"))
        {
            CheckName(item, problems);
            agents[item.Name] = ReadOne(item.Name, item.Section!, rules, problems);
        }
        return agents;
    }

    private static AgentConfig ReadOne(string name, ConfigSection section, RuleNames rules, ProblemList problems) => new()
    {
        Name = name,
        Description = section.Text("description"),
        Suspended = section.Flag("suspended"),
        AllowedTools = NamePatterns.ReadNames(section, "allowed_tools", problems),
        DeniedTools = NamePatterns.ReadNames(section, "denied_tools", problems),
        AllowedResources = NamePatterns.ReadUris(section, "allowed_resources", problems),
        AllowedPrompts = NamePatterns.ReadNames(section, "allowed_prompts", problems),
        BlockedContent = ReadCategories(section, rules, problems),
        CanMessage = section.Texts("can_message"),
        MaxConcurrentCalls = section.Number("max_concurrent_calls"),
    };

    private static void CheckName(ConfigValue item, ProblemList problems)
    {
        var name = item.Name;
        if (name.Length is 0 or > MaxNameLength || !char.IsAsciiLetterOrDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
            problems.Error(item.Mark, item.Path.ToString(), $"{Shown.Quote(name)} cannot be an agent's name", $"begin with a letter or digit, then up to {MaxNameLength - 1} letters, digits, ., _ and -");
    }

    private static List<string> ReadCategories(ConfigSection section, RuleNames rules, ProblemList problems)
    {
        var categories = new List<string>();
        foreach (var item in section.Items("blocked_content"))
        {
            if (rules.FindCategory(item.Text) is not { } category)
                problems.Error(item.Mark, item.Path.ToString(), $"no category {Shown.Quote(item.Raw)}", Suggestion.Remedy(item.Text, rules.Categories));
            else if (!categories.Contains(category, StringComparer.Ordinal))
                categories.Add(category);
        }
        return categories;
    }
}
