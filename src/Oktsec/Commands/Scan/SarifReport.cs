using System.Text.Json;
using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Commands.Scan;

/// <summary>Findings as SARIF 2.1.0, which code hosts and editors show beside the line.</summary>
/// <remarks><see href="https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"/></remarks>
internal sealed class SarifReport(RuleSet rules)
{
    private readonly List<string> _ruleIds = [];
    private readonly Dictionary<string, int> _indexes = [];

    public void Write(TextWriter output, IReadOnlyList<FileResult> files, bool hasFailed)
    {
        foreach (var id in files.SelectMany(Ids).Distinct())
        {
            _indexes[id] = _ruleIds.Count;
            _ruleIds.Add(id);
        }
        JsonOutput.Print(output, json =>
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
            json.WriteString("version", "2.1.0");
            json.WriteStartArray("runs");
            json.WriteStartObject();
            WriteTool(json);
            json.WriteStartArray("invocations");
            json.WriteStartObject();
            json.WriteBoolean("executionSuccessful", !hasFailed);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteString("columnKind", "utf16CodeUnits");
            json.WriteStartArray("results");
            foreach (var file in files)
                WriteResults(json, file);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static IEnumerable<string> Ids(FileResult file) =>
        file.Result.Findings.Select(finding => finding.RuleId).Concat(file.Result.IsBudgetExhausted ? [ScanVerdict.BudgetRule] : []);

    private void WriteTool(Utf8JsonWriter json)
    {
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "oktsec");
        json.WriteString("semanticVersion", VersionCommand.Version);
        json.WriteStartArray("rules");
        foreach (var id in _ruleIds)
            WriteRule(json, id);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteRule(Utf8JsonWriter json, string id)
    {
        var rule = rules.Find(id);
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("name", rule?.Name ?? id);
        WriteText(json, "shortDescription", rule is null ? "The content costs more to scan than it may." : rule.Description.Length > 0 ? rule.Description : rule.Name);
        if (rule?.Remediation.Length > 0)
            WriteText(json, "help", rule.Remediation);
        json.WriteStartObject("properties");
        // Code hosts sort by this number: 9 and up is critical, 7 high, 4 medium, below low.
        json.WriteString("security-severity", rule?.Severity switch { Severity.Critical => "9.5", Severity.High or null => "8.0", Severity.Medium => "5.0", _ => "2.0" });
        json.WriteStartArray("tags");
        json.WriteStringValue("security");
        foreach (var tag in rule is null ? [] : rule.Also.Prepend(rule.Category).Concat(rule.References.SelectMany(Tags)))
            json.WriteStringValue(tag);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static IEnumerable<string> Tags(KeyValuePair<string, IReadOnlyList<string>> references) =>
        references.Key == "cwe" ? references.Value.Select(id => $"external/cwe/cwe-{id}") : references.Value;

    private void WriteResults(Utf8JsonWriter json, FileResult file)
    {
        var places = new TextPlaces(file.Content);
        foreach (var finding in file.Result.Findings)
        {
            var (startLine, startColumn) = places.Of(finding.Start);
            var (endLine, endColumn) = places.Of(finding.Start + finding.Length);
            Begin(json, finding.RuleId, finding.Action, $"{finding.RuleName}: {finding.Match}");
            json.WriteStartArray("locations");
            json.WriteStartObject();
            json.WriteStartObject("physicalLocation");
            WriteFile(json, file.File);
            json.WriteStartObject("region");
            json.WriteNumber("startLine", startLine);
            json.WriteNumber("startColumn", startColumn);
            json.WriteNumber("endLine", endLine);
            json.WriteNumber("endColumn", endColumn);
            json.WriteNumber("byteOffset", finding.Start);
            json.WriteNumber("byteLength", finding.Length);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteStartObject("properties");
            json.WriteString("action", RuleWords.Of(finding.Action));
            json.WriteString("severity", RuleWords.Of(finding.Severity));
            if (finding.Via.Length > 0)
                json.WriteString("via", finding.Via);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        if (file.Result.IsBudgetExhausted)
            WriteUnfinished(json, file);
    }

    private void WriteUnfinished(Utf8JsonWriter json, FileResult file)
    {
        Begin(json, ScanVerdict.BudgetRule, RuleAction.Quarantine, "The content was not read to its end.");
        json.WriteStartArray("locations");
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation");
        WriteFile(json, file.File);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Begin(Utf8JsonWriter json, string ruleId, RuleAction action, string message)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", ruleId);
        json.WriteNumber("ruleIndex", _indexes[ruleId]);
        json.WriteString("level", action switch { RuleAction.Block or RuleAction.Quarantine => "error", RuleAction.Log => "note", _ => "warning" });
        WriteText(json, "message", message);
    }

    private static void WriteText(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, string file)
    {
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", Path.IsPathFullyQualified(file) ? new Uri(file).AbsoluteUri : string.Join('/', file.Split('/', '\\').Select(Uri.EscapeDataString)));
        json.WriteEndObject();
    }
}
