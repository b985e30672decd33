using System.CommandLine;
using System.Text.Json;
using Oktsec.Commands.Scan;
using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Commands.Rules;

/// <summary><c>oktsec rules test FILE|-</c></summary>
internal static class TestCommand
{
    public static Command Create()
    {
        var options = new RuleOptions();
        var file = new Argument<string>("file") { Description = "File with the text or JSON; - for standard input" };
        var kind = new Option<string?>("--kind") { Description = "Only as arg, description or result; default all three" };
        kind.AcceptOnlyFromAmong([.. ScanKinds.Names]);
        var tool = new Option<string>("--tool") { Description = "The tool called, whose name says what it does; default a tool of every class", DefaultValueFactory = _ => "" };
        var json = new Option<bool>("--json") { Description = "One JSON array" };
        var command = new Command("test", "Run one text or JSON value against all rules and show every finding. Exit code 1 when there is one.") { file, kind, tool, json };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            if (options.Load(parsed) is not { } rules)
                return ExitCodes.Usage;
            var console = parsed.InvocationConfiguration;
            if (ScanInput.TryRead(parsed.GetValue(file)!, console.Error) is not { } content)
                return ExitCodes.Usage;
            var places = parsed.GetValue(kind) is { } only ? [ScanKinds.Place(only)] : (Place[])[Place.Arguments, Place.Definition, Place.Result];
            var rows = new RuleTrial(rules, parsed.GetValue(tool)!).Run(content, places);
            if (parsed.GetValue(json))
                WriteJson(console.Output, rows);
            else
                Write(console.Output, rows);
            return rows.Count > 0 ? ExitCodes.Failure : ExitCodes.Fine;
        });
        return command;
    }

    private static void Write(TextWriter output, IReadOnlyList<TrialRow> rows)
    {
        if (rows.Count == 0)
        {
            output.WriteLine("nothing found");
            return;
        }
        var table = new TextTable(output, ("RULE", 8), ("NAME", 20), ("SEVERITY", 8), ("ACTION", 6), ("BYTES", 7), ("VIA", 3), ("MATCH", 0));
        List<string[]> cells = [.. rows.Select(row => new[]
        {
            row.Finding.RuleId, row.Finding.RuleName, RuleWords.Of(row.Finding.Severity), string.Join(", ", row.Actions.Select(action => $"{RuleWords.Of(action.Place)} {RuleWords.Of(action.Action)}")),
            $"{row.Start}-{row.Start + row.Length}", row.Finding.Via.Length > 0 ? row.Finding.Via : "-", TerminalText.Escape(row.Finding.Match),
        }.Select(TerminalText.Escape).ToArray())];
        table.Fit(cells);
        table.WriteHeading();
        foreach (var row in cells)
            table.Write(row);
    }

    private static void WriteJson(TextWriter output, IReadOnlyList<TrialRow> rows) => JsonOutput.Print(output, json =>
    {
        json.WriteStartArray();
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteString("rule", row.Finding.RuleId);
            json.WriteString("name", row.Finding.RuleName);
            json.WriteString("category", row.Finding.Category);
            json.WriteString("severity", RuleWords.Of(row.Finding.Severity));
            json.WriteStartObject("actions");
            foreach (var (place, action) in row.Actions)
                json.WriteString(RuleWords.Of(place), RuleWords.Of(action));
            json.WriteEndObject();
            json.WriteString("field", row.Finding.Field);
            json.WriteNumber("start", row.Start);
            json.WriteNumber("length", row.Length);
            json.WriteString("via", row.Finding.Via);
            json.WriteString("match", row.Finding.Match);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });
}
