using System.Globalization;
using System.Text;
using Oktsec.Scanning.Matching;

namespace Oktsec.Scanning.Rules.Import;

/// <summary>Turns a gitleaks configuration into rule files of ours, and says what could not be carried over.</summary>
public static class GitleaksImport
{
    /// <param name="toml">The configuration's text.</param>
    /// <param name="file">The name problems carry.</param>
    /// <param name="problems">What was left out: errors where a rule is missing, warnings where a part of one is.</param>
    /// <returns>YAML documents, one per rule.</returns>
    public static string Convert(string toml, string file, out IReadOnlyList<RuleProblem> problems)
    {
        var found = new List<RuleProblem>();
        problems = found;
        TomlTable root;
        try
        {
            root = TomlReader.Read(toml);
        }
        catch (TomlException e)
        {
            found.Add(new RuleProblem(file, e.Line, "", e.Message, IsError: true));
            return "";
        }
        var yaml = new StringBuilder();
        var ids = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var rule in root.Tables("rules"))
        {
            void Report(string message, bool isError) => found.Add(new RuleProblem(file, rule.Line, rule.Text("id"), message, isError));

            if (Unusable(rule) is { } reason)
                Report(reason, isError: true);
            else if (!ids.Add(rule.Text("id")))
                Report("a second rule of this id; left out", isError: true);
            else
                Write(yaml, rule, message => Report(message, isError: false));
        }
        if (root.Tables("rules").Count == 0)
            found.Add(new RuleProblem(file, 0, "", "holds no [[rules]]", IsError: true));
        foreach (var allow in root.Tables("allowlist").Concat(root.Tables("allowlists")))
            found.Add(new RuleProblem(file, allow.Line, "", $"the allowlist for all rules was left out ({Parts(allow)}); nothing in content switches rules off here: except rules by tool in oktsec.yaml", IsError: false));
        if (root.Tables("extend").Count > 0)
            found.Add(new RuleProblem(file, root.Tables("extend")[0].Line, "", "'extend' was left out: import the extended file as well", IsError: false));
        return yaml.ToString();
    }

    private static string? Unusable(TomlTable rule)
    {
        if (rule.Text("id").Length == 0)
            return "a rule without 'id'; left out";
        if (rule.Text("regex").Length == 0)
            return rule.Text("path").Length > 0 ? "looks only at file names, which traffic has none of; left out" : "has no 'regex'; left out";
        try
        {
            Nfa.Check(RegexParser.Parse(rule.Text("regex"), folded: false));
            return null;
        }
        catch (PatternException e)
        {
            return $"its regex cannot be used: {e.Message}; left out";
        }
    }

    private static void Write(StringBuilder yaml, TomlTable rule, Action<string> warn)
    {
        if (yaml.Length > 0)
            yaml.Append("---\n");
        var id = rule.Text("id");
        yaml.Append("id: ").Append(Quoted(id)).Append('\n');
        yaml.Append("name: ").Append(Quoted(id.ToLowerInvariant().Replace('-', '_').Replace(' ', '_'))).Append('\n');
        yaml.Append("description: ").Append(Quoted(rule.Text("description") is { Length: > 0 } text ? text : $"Imported from gitleaks: {id}.")).Append('\n');
        yaml.Append("severity: high\ncategory: credentials\nsensitive: true\n");
        yaml.Append("redact_as: ").Append(Quoted(id)).Append('\n');
        if (rule.Texts("keywords") is { Count: > 0 } keywords)
            yaml.Append("keywords: [").AppendJoin(", ", keywords.Select(Quoted)).Append("]\n");
        yaml.Append("patterns:\n  - {type: regex, view: raw, value: ").Append(Quoted(WithSecret(rule, warn))).Append("}\n");
        var validators = Validators(rule, warn);
        if (validators.Count > 0)
            yaml.Append("validators: [").AppendJoin(", ", validators).Append("]\n");
        yaml.Append("actions: {args: block, result: redact, description: remove-tool}\n");
        yaml.Append("remediation: Revoke the secret where it was issued, and give it to the server through its environment.\n");
        foreach (var allow in rule.Tables("allowlist").Concat(rule.Tables("allowlists")))
            warn($"its allowlist was left out ({Parts(allow)}); add what is harmless as 'exclude_patterns' (inside the match only) or as a validator");
        foreach (var key in (ReadOnlySpan<string>)["path", "required"])
            if (rule.Values.ContainsKey(key))
                warn($"'{key}' was left out: it has no meaning for traffic; the rule looks at more than it did");
    }

    private static List<string> Validators(TomlTable rule, Action<string> warn)
    {
        var validators = new List<string> { "no-placeholder" };
        if (rule.Text("entropy") is not { Length: > 0 } text)
            return validators;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var entropy))
            warn($"entropy '{text}' is no number; left out");
        else if (entropy >= 2.5)
            // The next step below: a secret that passed there must pass here.
            validators.Add(entropy >= 4 ? "entropy-4" : entropy >= 3.5 ? "entropy-3.5" : "entropy-3");
        return validators;
    }

    // gitleaks reports, and measures the entropy of, its secretGroup, else its first group: the group that is named 'secret' here.
    private static string WithSecret(TomlTable rule, Action<string> warn)
    {
        var regex = rule.Text("regex");
        var named = Named(rule, regex, warn);
        // Inside a group that is kept whole the matcher finds no anchor but at its start. A rule that reads every byte is dearer than a wider match.
        return HasAnchor(named) || !HasAnchor(regex) ? named : regex;
    }

    private static bool HasAnchor(string regex) => !PatternLint.Check(new RulePattern("", PatternType.Regex, regex, PatternView.Raw)).Any();

    private static string Named(TomlTable rule, string regex, Action<string> warn)
    {
        if (!int.TryParse(rule.Text("secretGroup"), NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) || wanted == 0)
            wanted = 1;
        var (group, depth, isClass) = (0, 0, false);
        for (var i = 0; i < regex.Length; i++)
        {
            switch (regex[i])
            {
                case '\\':
                    i++;
                    break;
                case '[' when !isClass:
                    isClass = true;
                    // A ']' right behind '[' or '[^' is a character.
                    i += i + 1 < regex.Length && regex[i + 1] == '^' ? 1 : 0;
                    i += i + 1 < regex.Length && regex[i + 1] == ']' ? 1 : 0;
                    break;
                case ']' when isClass:
                    isClass = false;
                    break;
                case '(' when !isClass && (i + 1 >= regex.Length || regex[i + 1] != '?'):
                    if (++group == wanted && depth == 0)
                        return $"{regex[..(i + 1)]}?P<secret>{regex[(i + 1)..]}";
                    depth++;
                    break;
                case '(' when !isClass:
                    depth++;
                    break;
                case ')' when !isClass:
                    depth--;
                    break;
            }
        }
        if (group >= wanted)
            warn("its secret is a group inside another one: the whole match counts as the secret");
        return regex;
    }

    private static string Parts(TomlTable allow) => string.Join(", ", allow.Values.Where(value => value.Key != "description").Select(value => value.Value is List<object> list ? $"{list.Count} {value.Key}" : value.Key));

    // Single quotes keep backslashes; only control characters need the other kind.
    private static string Quoted(string text)
    {
        if (!text.Any(char.IsControl))
            return $"'{text.Replace("'", "''")}'";
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
            quoted.Append(c switch { '"' => "\\\"", '\\' => "\\\\", _ when char.IsControl(c) => $"\\x{(int)c:x2}", _ => c.ToString() });
        return quoted.Append('"').ToString();
    }
}
