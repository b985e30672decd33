using Oktsec.Core.Configuration.Schema;
using Oktsec.Core.Configuration.Sections;
using Oktsec.Core.Configuration.Yaml;

namespace Oktsec.Core.Configuration;

/// <summary>What reading a file gave: a configuration unless there are errors, and all problems in the order of the file.</summary>
public sealed record ConfigLoadResult(OktsecConfig? Config, IReadOnlyList<ConfigProblem> Problems)
{
    public bool HasErrors => Config is null;

    /// <summary>Where everything stands, for checks that come later; null when the text could not be read.</summary>
    internal ConfigSection? Top { get; init; }
}

/// <summary>YAML text to a validated configuration. Does no I/O and never throws for what a file contains.</summary>
public static class ConfigReader
{
    // 1 MiB: 10,000 agents with ten tools each fit. Bounds everything that is done with the text.
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Reads the text of a file.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="sourcePath">Absolute path of the file: relative paths start at its folder, problems name it.</param>
    /// <param name="environment">What the machine adds.</param>
    public static ConfigLoadResult Read(string yaml, string sourcePath, ConfigEnvironment environment)
    {
        var problems = new ProblemList(sourcePath);
        ConfigSection? top = null;
        OktsecConfig? config = null;
        if (yaml.Length > MaxBytes)
            problems.Error(default, "", "is larger than 1 MiB", "shorten lists of tools with patterns: filesystem_*");
        else
            config = Read(yaml, sourcePath, environment, problems, out top);
        return new ConfigLoadResult(problems.ErrorCount == 0 ? config : null, problems.InOrder()) { Top = top };
    }

    // 1. text -> tree  2. tree -> sections, by the list of keys  3. sections -> records, each checked by itself  4. checks between sections
    private static OktsecConfig? Read(string yaml, string sourcePath, ConfigEnvironment environment, ProblemList problems, out ConfigSection? top)
    {
        top = null;
        YamlValue? tree;
        try
        {
            tree = YamlTreeReader.Read(yaml, problems);
        }
        catch (YamlFault fault)
        {
            problems.Error(fault.Mark, fault.Path.ToString(), fault.Message, fault.Remedy);
            return null;
        }
        var folder = Path.GetDirectoryName(Path.GetFullPath(sourcePath)) ?? "/";
        var paths = new ConfigPaths(folder, environment.HomeFolder);
        var reader = new SectionReader(ConfigKeys.Root, new Interpolation(environment, paths, problems), paths, problems);
        top = reader.ReadRoot(tree);
        var rules = FindRules(top, environment, problems);
        var config = new OktsecConfig
        {
            SourcePath = sourcePath,
            Gateway = GatewaySection.Read(top.Section("gateway"), problems),
            Tokens = IdentitySection.Read(top, problems),
            McpServers = BackendSection.Read(top, folder, problems),
            Agents = AgentSection.Read(top, rules, problems),
            Rules = RuleSection.Read(top, rules, problems),
            Webhooks = WebhookSection.Read(top, problems),
            CategoryWebhooks = WebhookSection.ReadCategories(top, rules, problems),
            Limits = LimitsSection.Read(top.Section("limits")),
        };
        config = TopSection.Read(top, config, paths, problems);
        ConfigValidator.Check(top, config, problems);
        return config with { NotEnforced = [.. problems.InOrder().Where(p => p.Message == CompatKeys.NotEnforced).Select(p => p.Path)] };
    }

    private static RuleNames FindRules(ConfigSection top, ConfigEnvironment environment, ProblemList problems)
    {
        var rules = environment.Rules(top.Text("custom_rules_dir"));
        foreach (var problem in rules.Problems)
            problems.Error(top.MarkOf("custom_rules_dir"), "custom_rules_dir", problem);
        foreach (var warning in rules.Warnings)
            problems.Warning(top.MarkOf("custom_rules_dir"), "custom_rules_dir", warning);
        return rules;
    }
}
