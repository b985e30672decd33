namespace Oktsec.Scanning.Rules;

/// <summary>
/// What a rule must have besides loading: examples that hold, an explanation, something to look for. Built-in rules are refused for every
/// lack; a user's only for what would make them unusable, the rest are warnings.
/// </summary>
public static class RuleLint
{
    // A pattern quoted in a message is cut here: enough to find it.
    private const int ShownLength = 50;

    /// <summary>Checks all rules of a set.</summary>
    public static IReadOnlyList<RuleProblem> Check(RuleSet rules) => Check(rules.All, rules);

    /// <summary>Checks some rules among all that run with them.</summary>
    /// <param name="rules">The rules to check. One that is not in <paramref name="among"/> was refused when compiled; its examples are not run.</param>
    /// <param name="among">All rules that run: an example that another of them finds as well does not show what a rule is good for.</param>
    public static IReadOnlyList<RuleProblem> Check(IEnumerable<Rule> rules, RuleSet among)
    {
        var problems = new List<RuleProblem>();
        var examples = new ExampleLint(among);
        var names = Names(among);
        foreach (var rule in rules)
        {
            void Report(string message, bool isUnusable = false) => problems.Add(RuleProblem.Of(rule, message, isUnusable || !rule.IsCustom));

            foreach (var lack in Explanation(rule))
                Report(lack);
            foreach (var alias in rule.Aliases)
                if (names.TryGetValue(alias, out var other) && other != rule.Id)
                    Report($"its alias {alias} already names {other}");
            for (var i = 0; i < rule.Patterns.Count; i++)
                foreach (var problem in PatternLint.Check(rule.Patterns[i]))
                    Report($"{Shown(rule, i)} {problem}", isUnusable: true);
            foreach (var problem in examples.Check(rule))
                Report(problem);
        }
        return problems;
    }

    private static IEnumerable<string> Explanation(Rule rule)
    {
        if (rule.Description.Length == 0)
            yield return "has no 'description': say what it finds and why that matters";
        if (rule.Remediation.Length == 0)
            yield return "has no 'remediation': say what to do when it matches";
        if (rule.References.Count == 0)
            yield return "has no 'references': name what it belongs to, for example {owasp_llm: [LLM01], cwe: [\"77\"]}";
    }

    // Whom a name means: ids first, then aliases of the first rule that has them.
    private static Dictionary<string, string> Names(RuleSet rules)
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var rule in rules.All)
            names[rule.Id] = rule.Id;
        foreach (var rule in rules.All)
            foreach (var alias in rule.Aliases)
                names.TryAdd(alias, rule.Id);
        return names;
    }

    private static string Shown(Rule rule, int index)
    {
        var pattern = rule.Patterns[index];
        var value = pattern.Value.Length > ShownLength ? string.Concat(pattern.Value.AsSpan(0, ShownLength), "...") : pattern.Value;
        return $"pattern {(pattern.Id.Length > 0 ? $"'{pattern.Id}'" : $"{index + 1} of {rule.Patterns.Count}")} ({value.ReplaceLineEndings(" ")})";
    }
}
