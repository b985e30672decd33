using System.CommandLine;
using Oktsec.Configuration;
using Oktsec.Scanning.Rules;

namespace Oktsec.Commands.Rules;

/// <summary><c>oktsec rules lint DIR</c></summary>
internal static class LintCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("dir") { Description = "Folder of rule files (*.yaml, *.yml)" };
        var strict = new Option<bool>("--strict") { Description = "As for the built-in pack: every lack is an error, and the folder is judged by itself" };
        var command = new Command("lint", "Check rule files: what keeps a rule from being used, and what it lacks. Exit code 1 when a rule is refused.") { folder, strict };
        command.SetAction(parsed => Run(Path.GetFullPath(parsed.GetValue(folder)!), parsed.GetValue(strict), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string folder, bool isStrict, TextWriter output, TextWriter error)
    {
        if (!Directory.Exists(folder))
        {
            error.WriteLine($"oktsec: {TerminalText.Escape(folder)} is no folder");
            return ExitCodes.Usage;
        }
        var rules = KnownRules.Read(folder, isCustom: !isStrict, out var reading);
        var set = isStrict ? RuleSet.Create(rules, out var compiling) : RuleSet.BuiltIn().With(rules, out compiling);
        var problems = reading.Concat(compiling).Concat(RuleLint.Check(rules, set)).Distinct()
            .OrderBy(problem => problem.File, StringComparer.Ordinal).ThenBy(problem => problem.Line).ToList();
        var ink = Ink.ForOutput();
        foreach (var problem in problems)
        {
            var place = $"{Path.GetRelativePath(Environment.CurrentDirectory, problem.File)}{(problem.Line > 0 ? $":{problem.Line}" : "")}";
            var kind = problem.IsError ? ink.Red("error") : ink.Yellow("warning");
            output.WriteLine($"{TerminalText.Escape(place)}: {kind}: {TerminalText.Escape((problem.RuleId.Length > 0 ? problem.RuleId + ": " : "") + problem.Message)}");
        }
        var errors = problems.Count(problem => problem.IsError);
        output.WriteLine($"{rules.Count} rules: {errors} errors, {problems.Count - errors} warnings");
        return errors > 0 ? ExitCodes.Failure : ExitCodes.Fine;
    }
}
