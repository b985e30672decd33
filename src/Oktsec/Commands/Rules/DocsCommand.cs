using System.CommandLine;
using Oktsec.Scanning.Rules;

namespace Oktsec.Commands.Rules;

/// <summary><c>oktsec rules docs</c></summary>
internal static class DocsCommand
{
    public static Command Create()
    {
        var options = new RuleOptions();
        var file = new Option<string>("--out") { Description = "File to write; - for standard output", DefaultValueFactory = _ => Path.Join("docs", "rules.md") };
        var command = new Command("docs", "Write a page about every rule (Markdown).") { file };
        command.Add(options.Rules);
        command.SetAction(parsed =>
        {
            // The page of the built-in pack must not depend on whose configuration lies around: only --rules adds to it.
            if ((parsed.GetValue(options.Rules) is null ? RuleSet.BuiltIn() : options.Load(parsed)) is not { } rules)
                return ExitCodes.Usage;
            return OutputFile.Write(parsed.GetValue(file)!, RulePage.Write(rules), parsed.InvocationConfiguration);
        });
        return command;
    }
}
