using Oktsec.Scanning.Rules;

namespace Oktsec.Commands.Rules;

/// <summary>One rule for a person.</summary>
internal sealed class RuleExplanation(TextWriter output, Ink ink)
{
    private const int Width = 100;
    private const int MaxExample = 200;

    public void Write(Rule rule)
    {
        output.WriteLine(ink.Bold($"{TerminalText.Escape(rule.Id)}  {TerminalText.Escape(rule.Name)}"));
        output.WriteLine(string.Join("; ", Facts(rule)));
        Section("What", rule.Description);
        output.WriteLine();
        output.WriteLine(ink.Bold("Then"));
        foreach (var place in rule.Where)
            output.WriteLine($"  {RuleWords.Of(place),-12} {RuleWords.Of(rule.ActionAt(place)),-11} {RuleWords.Meaning(rule.ActionAt(place), place)}");
        Section("What to do", rule.Remediation);
        Examples("Found, for example", rule.TruePositives);
        Examples("Passed, although close", rule.FalsePositives);
        References(rule);
        output.WriteLine();
        output.WriteLine(ink.Bold("To except it narrowly") + ", in oktsec.yaml, for one tool of one server:");
        output.WriteLine(TerminalText.EscapeLines(Exception(rule)));
    }

    /// <summary>The YAML that excepts a rule for one tool and still records every match.</summary>
    public static string Exception(Rule rule) =>
        $"""
          rules:
            - id: {rule.Id}
              action: allow-and-flag                   # still recorded; 'ignore' forgets it
              apply_to_tools: [filesystem/read_file]   # server/tool; no wider than needed
        """;

    private static IEnumerable<string> Facts(Rule rule)
    {
        yield return RuleWords.Of(rule.Severity);
        yield return rule.Category + (rule.Also.Count > 0 ? $", also {string.Join(", ", rule.Also)}" : "");
        if (rule.Aliases.Count > 0)
            yield return "also known as " + TerminalText.Escape(string.Join(", ", rule.Aliases));
        if (rule.Status != "stable")
            yield return rule.Status;
        if (rule.IsSensitive)
            yield return "its matches are masked";
        yield return rule.IsCustom ? TerminalText.Escape(rule.Source) : "built in";
    }

    private void Section(string heading, string text)
    {
        if (text.Length == 0)
            return;
        output.WriteLine();
        output.WriteLine(ink.Bold(heading));
        Wrap(text, "  ", "  ");
    }

    private void Examples(string heading, IReadOnlyList<RuleExample> examples)
    {
        if (examples.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine(ink.Bold(heading));
        foreach (var example in examples)
            Wrap((example.Tool.Length > 0 ? example.Tool + ": " : "") + (example.Text.Length > MaxExample ? string.Concat(example.Text.AsSpan(0, MaxExample), "...") : example.Text), "  - ", "    ");
    }

    private void References(Rule rule)
    {
        if (rule.References.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine(ink.Bold("References"));
        foreach (var (framework, ids) in rule.References)
            output.WriteLine(TerminalText.Escape($"  {RuleWords.Frameworks.FirstOrDefault(f => f.Key == framework).Title ?? framework,-26} {string.Join(", ", ids)}"));
    }

    private void Wrap(string text, string first, string rest)
    {
        var line = first;
        var isEmpty = true;
        foreach (var word in TerminalText.Escape(text.Trim().ReplaceLineEndings(" ")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isEmpty && line.Length + 1 + word.Length > Width)
            {
                output.WriteLine(line);
                (line, isEmpty) = (rest, true);
            }
            line += isEmpty ? word : " " + word;
            isEmpty = false;
        }
        output.WriteLine(line);
    }
}
