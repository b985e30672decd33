using System.CommandLine;
using Oktsec.Configuration;
using Oktsec.Core.Configuration;
using Oktsec.Scanning.Rules;
using RuleNames = Oktsec.Core.Configuration.RuleNames;

namespace Oktsec.Commands.Rules;

/// <summary><c>--rules</c> and <c>--config</c>: which rules a command works with, besides the built-in ones.</summary>
internal sealed class RuleOptions
{
    private static readonly RuleNames s_anyRule = new() { FindRule = id => id, FindCategory = category => category };

    public Option<string?> Rules { get; } = new("--rules") { Description = "Folder of your own rule files, added to the built-in rules; default custom_rules_dir of the configuration" };

    public Option<string?> Config { get; } = new("--config") { Description = "Configuration file; default $OKTSEC_CONFIG, ./oktsec.yaml, ~/.oktsec/config.yaml" };

    public void AddTo(Command command)
    {
        command.Add(Rules);
        command.Add(Config);
    }

    /// <summary>The rules, or null after saying what is wrong with them.</summary>
    public RuleSet? Load(ParseResult parsed)
    {
        var error = parsed.InvocationConfiguration.Error;
        if (FolderOf(parsed, error) is not { } folder)
            return null;
        var rules = KnownRules.Load(folder, out var problems);
        foreach (var problem in problems)
            error.WriteLine(TerminalText.Escape(problem.ToString()));
        return problems.Any(problem => problem.IsError) ? null : rules;
    }

    // Empty: the built-in rules alone. Only custom_rules_dir has to be right: a secret that only the gateway has must not hide the rules.
    private string? FolderOf(ParseResult parsed, TextWriter error)
    {
        if (parsed.GetValue(Rules) is { Length: > 0 } named)
            return Path.GetFullPath(named);
        if (ConfigFile.Find(parsed.GetValue(Config)) is not { } file)
            return "";
        var loaded = ConfigFile.Load(file, MachineEnvironment.With(_ => s_anyRule));
        if (loaded.Config is { } valid)
            return valid.CustomRulesDir;
        if (loaded.Top is { } top && !loaded.Problems.Any(p => p.Kind == ProblemKind.Error && p.Path is "custom_rules_dir"))
            return top.Has("custom_rules_dir") ? top.Text("custom_rules_dir") : "";
        foreach (var problem in loaded.Problems)
            error.WriteLine(problem.ToString());
        return null;
    }
}
