using System.CommandLine;
using Oktsec.Scanning;

namespace Oktsec.Commands.Rules;

/// <summary><c>oktsec rules</c>: what is looked for, and tools for those who write rules.</summary>
internal static class RulesCommand
{
    public static Command Create()
    {
        var options = new RuleOptions();
        var category = new Option<string?>("--category") { Description = "Only this category" };
        category.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && Categories.Canonical(result.Tokens[0].Value) is null)
                result.AddError($"--category {result.Tokens[0].Value}: one of {string.Join(", ", Categories.All)}");
        });
        var json = new Option<bool>("--json") { Description = "One JSON array" };
        var command = new Command("rules", "List the detection rules, by category; explain, test, check and import them.") { category, json };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            if (options.Load(parsed) is not { } rules)
                return ExitCodes.Usage;
            var wanted = parsed.GetValue(category) is { } name ? Categories.Canonical(name) : null;
            var shown = rules.All.Where(rule => wanted is null || rule.Category == wanted || rule.Also.Contains(wanted)).ToList();
            if (parsed.GetValue(json))
                RuleJson.WriteAll(shown, parsed.InvocationConfiguration.Output);
            else
                new RuleTable(parsed.InvocationConfiguration.Output, Ink.ForOutput()).Write(shown);
            return ExitCodes.Fine;
        });
        command.Add(ExplainCommand.Create());
        command.Add(TestCommand.Create());
        command.Add(LintCommand.Create());
        command.Add(DocsCommand.Create());
        command.Add(ImportCommand.Create());
        return command;
    }
}
