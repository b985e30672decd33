using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Commands.Rules;

/// <summary>The rules as a table, a heading per category.</summary>
internal sealed class RuleTable(TextWriter output, Ink ink)
{
    public void Write(IReadOnlyList<Rule> rules)
    {
        var table = new TextTable(output, ("ID", 8), ("NAME", 20), ("SEVERITY", 8), ("WHERE", 6), ("ACTION", 0));
        table.Fit(rules.Select(Cells));
        table.WriteHeading();
        var categories = 0;
        foreach (var category in Categories.All)
        {
            var own = rules.Where(rule => rule.Category == category).ToList();
            if (own.Count == 0)
                continue;
            categories++;
            output.WriteLine();
            output.WriteLine(ink.Bold($"{category} ({own.Count})"));
            foreach (var rule in own)
                table.Write(Cells(rule));
        }
        var custom = rules.Count(rule => rule.IsCustom);
        output.WriteLine();
        output.WriteLine($"{rules.Count} rules in {categories} categories{(custom > 0 ? $", {custom} of them your own" : "")}; oktsec rules explain ID says more");
    }

    private static string[] Cells(Rule rule) =>
        [TerminalText.Escape(rule.Id), TerminalText.Escape(rule.Name), RuleWords.Of(rule.Severity), RuleWords.Where(rule), RuleWords.Action(rule)];
}
