using Oktsec.Core.Configuration;
using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Configuration;

/// <summary>The rules that run, the built-in ones and the user's, and the names a configuration may use for them.</summary>
internal static class KnownRules
{
    /// <summary>The names, with what is wrong with the user's files.</summary>
    /// <param name="customRulesDir">Absolute, or empty.</param>
    public static RuleNames Of(string customRulesDir)
    {
        var rules = Load(customRulesDir, out var problems);
        return new RuleNames
        {
            FindRule = id => rules.Find(id)?.Id,
            FindCategory = Categories.Canonical,
            RuleIds = [.. rules.All.Select(r => r.Id)],
            Categories = Categories.All,
            Problems = [.. problems.Where(p => p.IsError).Select(Shown)],
            Warnings = [.. problems.Where(p => !p.IsError).Select(Shown)],
        };
    }

    /// <summary>The rules to scan with.</summary>
    public static RuleSet Load(string customRulesDir, out IReadOnlyList<RuleProblem> problems)
    {
        problems = [];
        if (customRulesDir.Length == 0)
            return RuleSet.BuiltIn();
        var custom = Read(customRulesDir, isCustom: true, out var reading);
        var rules = RuleSet.BuiltIn().With(custom, out var compiling);
        problems = [.. reading, .. compiling];
        return rules;
    }

    /// <summary>The rules of a folder's files, not compiled.</summary>
    /// <param name="folder">Absolute.</param>
    /// <param name="isCustom">A user's: unknown keys are warnings.</param>
    /// <param name="problems">What is wrong with the files.</param>
    public static IReadOnlyList<Rule> Read(string folder, bool isCustom, out IReadOnlyList<RuleProblem> problems)
    {
        var found = new List<RuleProblem>();
        problems = found;
        return [.. FilesOf(folder, found).SelectMany(file => Read(file, isCustom, found))];
    }

    // In the order of names, so that which of two rules of one id counts does not change from start to start.
    private static List<string> FilesOf(string folder, List<RuleProblem> problems)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder).Where(f => Path.GetExtension(f) is ".yaml" or ".yml").Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new RuleProblem(folder, 0, "", $"cannot be read: {e.Message}", IsError: true));
            return [];
        }
    }

    private static IReadOnlyList<Rule> Read(string file, bool isCustom, List<RuleProblem> problems)
    {
        var (text, problem, remedy) = SafeText.Read(file, ConfigReader.MaxBytes);
        if (text is null)
        {
            problems.Add(new RuleProblem(file, 0, "", remedy.Length > 0 ? $"{problem}; {remedy}" : problem, IsError: true));
            return [];
        }
        var reader = new RuleReader(file, isCustom);
        try
        {
            var rules = reader.Read(text);
            problems.AddRange(reader.Problems);
            return rules;
        }
        // The YAML library slips on odd text; that is a broken file, not a broken program.
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or InsufficientExecutionStackException)
        {
            problems.Add(new RuleProblem(file, 0, "", "is not valid YAML", IsError: true));
            return [];
        }
    }

    private static string Shown(RuleProblem problem) =>
        $"{problem.File}{(problem.Line > 0 ? $":{problem.Line}" : "")}: {(problem.RuleId.Length > 0 ? problem.RuleId + ": " : "")}{problem.Message}";
}
