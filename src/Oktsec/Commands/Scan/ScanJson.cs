using System.Text.Json;
using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Commands.Scan;

/// <summary>Findings in files for programs.</summary>
internal static class ScanJson
{
    public static void Write(TextWriter output, IEnumerable<FileResult> files) => JsonOutput.Print(output, json =>
    {
        json.WriteStartArray();
        foreach (var file in files)
            Write(json, file);
        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, FileResult file)
    {
        var places = new TextPlaces(file.Content);
        foreach (var finding in file.Result.Findings)
        {
            var (line, column) = places.Of(finding.Start);
            json.WriteStartObject();
            json.WriteString("file", file.File);
            json.WriteNumber("line", line);
            json.WriteNumber("column", column);
            json.WriteNumber("start", finding.Start);
            json.WriteNumber("length", finding.Length);
            json.WriteString("rule", finding.RuleId);
            json.WriteString("name", finding.RuleName);
            json.WriteString("category", finding.Category);
            json.WriteString("severity", RuleWords.Of(finding.Severity));
            json.WriteString("action", RuleWords.Of(finding.Action));
            json.WriteString("field", finding.Field);
            json.WriteString("via", finding.Via);
            json.WriteString("match", finding.Match);
            json.WriteEndObject();
        }
        if (!file.Result.IsBudgetExhausted)
            return;
        json.WriteStartObject();
        json.WriteString("file", file.File);
        json.WriteString("rule", ScanVerdict.BudgetRule);
        json.WriteString("action", RuleWords.Of(RuleAction.Quarantine));
        json.WriteEndObject();
    }
}
