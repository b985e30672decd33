using System.CommandLine;
using Oktsec.Configuration;
using Oktsec.Scanning.Rules;
using Oktsec.Scanning.Rules.Import;

namespace Oktsec.Commands.Rules;

/// <summary><c>oktsec rules import FILE</c></summary>
internal static class ImportCommand
{
    // The default configuration of gitleaks is 150 KB.
    private const int MaxBytes = 8 * 1024 * 1024;

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "A gitleaks configuration (TOML)" };
        var target = new Option<string>("--out") { Description = "File to write; - for standard output", DefaultValueFactory = _ => "-" };
        var command = new Command("import", "Turn the rules of a gitleaks configuration into rule files of ours. Exit code 1 when a rule was left out.") { file, target };
        command.SetAction(parsed =>
        {
            var console = parsed.InvocationConfiguration;
            var path = Path.GetFullPath(parsed.GetValue(file)!);
            var (text, problem, remedy) = SafeText.Read(path, MaxBytes);
            if (text is null)
            {
                console.Error.WriteLine($"oktsec: {TerminalText.Escape(path)} {problem}{(remedy.Length > 0 ? "; " + remedy : "")}");
                return ExitCodes.Usage;
            }
            var yaml = GitleaksImport.Convert(text, Path.GetFileName(path), out var problems);
            var unloadable = Check(yaml);
            foreach (var p in problems.Concat(unloadable))
                console.Error.WriteLine(TerminalText.Escape(p.ToString()));
            if (yaml.Length == 0)
                return ExitCodes.Usage;
            var exitCode = OutputFile.Write(parsed.GetValue(target)!, yaml, console);
            return exitCode == ExitCodes.Fine && problems.Concat(unloadable).Any(p => p.IsError) ? ExitCodes.Failure : exitCode;
        });
        return command;
    }

    // What was written must load; a rule that would not is named at once and not when the gateway starts.
    private static List<RuleProblem> Check(string yaml)
    {
        var reader = new RuleReader("imported", isCustom: true);
        var rules = reader.Read(yaml);
        _ = RuleSet.Create(rules, out var compiling);
        return [.. reader.Problems, .. compiling];
    }
}
