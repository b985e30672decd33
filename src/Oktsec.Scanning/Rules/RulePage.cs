using System.Text;

namespace Oktsec.Scanning.Rules;

/// <summary>Writes docs/rules.md: every rule by category.</summary>
public static class RulePage
{
    public static string Write(RuleSet rules)
    {
        var page = new StringBuilder();
        var groups = Categories.All.Select(category => (Category: category, Rules: rules.All.Where(rule => rule.Category == category).ToList())).Where(group => group.Rules.Count > 0).ToList();
        page.Append("# Rules\n\n");
        page.Append("<!-- Written by `oktsec rules docs` from the rules themselves; a test compares the two. -->\n\n");
        page.Append(rules.All.Count).Append(" rules in ").Append(groups.Count).Append(" categories. `oktsec rules explain ID` shows one with its examples and how to except it; ");
        page.Append("[rule-format.md](rule-format.md) says how to write your own.\n\n");
        page.Append("Where: `args` is what agents send, `description` what servers offer, `result` what servers answer. Actions: `block` denies, `quarantine` holds for a person ");
        page.Append("(on a description both hide the tool), `redact` replaces the match, `strip` takes it out, `flag` delivers and marks the call, `log` only records. ");
        page.Append("`rules:` and `agents.NAME.blocked_content` of the [configuration](configuration.md#rules) change what happens.\n\n");
        page.Append("| category | rules |\n|---|---|\n");
        foreach (var (category, own) in groups)
            page.Append("| [").Append(category).Append("](#").Append(category).Append(") | ").Append(own.Count).Append(" |\n");
        foreach (var (category, own) in groups)
        {
            page.Append("\n## ").Append(category).Append('\n');
            foreach (var rule in own)
                Rule(page, rule);
        }
        return page.ToString();
    }

    private static void Rule(StringBuilder page, Rule rule)
    {
        page.Append("\n### ").Append(rule.Id).Append(' ').Append(rule.Name).Append("\n\n");
        page.Append(Text(rule.Description)).Append("\n\n");
        page.Append("- **Severity** ").Append(RuleWords.Of(rule.Severity)).Append("; **where** ").Append(RuleWords.Where(rule)).Append("; **action** ").Append(RuleWords.Action(rule));
        if (rule.Status != "stable")
            page.Append("; **status** ").Append(rule.Status);
        page.Append('\n');
        if (rule.Also.Count > 0)
            page.Append("- **Also in** ").AppendJoin(", ", rule.Also).Append('\n');
        if (rule.Aliases.Count > 0)
            page.Append("- **Also known as** ").AppendJoin(", ", rule.Aliases).Append('\n');
        if (rule.Remediation.Length > 0)
            page.Append("- **What to do** ").Append(Text(rule.Remediation)).Append('\n');
        var references = RuleWords.Frameworks.Where(f => rule.References.ContainsKey(f.Key)).Select(f => $"{f.Title}: {string.Join(", ", rule.References[f.Key])}").ToList();
        if (references.Count > 0)
            page.Append("- **References** ").AppendJoin("; ", references).Append('\n');
    }

    // What Markdown would read as markup or a page as a tag.
    private static string Text(string text)
    {
        var escaped = new StringBuilder();
        foreach (var c in text.Trim().ReplaceLineEndings(" "))
        {
            if (c is '<' or '>' or '*' or '_' or '`' or '[' or ']' or '\\' or '|')
                escaped.Append('\\');
            escaped.Append(c);
        }
        return escaped.ToString();
    }
}
