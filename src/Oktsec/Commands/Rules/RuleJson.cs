using System.Text.Json;
using Oktsec.Scanning.Rules;

namespace Oktsec.Commands.Rules;

/// <summary>Rules for programs.</summary>
internal static class RuleJson
{
    public static void WriteAll(IEnumerable<Rule> rules, TextWriter output) => JsonOutput.Print(output, json =>
    {
        json.WriteStartArray();
        foreach (var rule in rules)
            Write(json, rule, withExamples: false);
        json.WriteEndArray();
    });

    public static void WriteOne(Rule rule, TextWriter output) => JsonOutput.Print(output, json => Write(json, rule, withExamples: true));

    private static void Write(Utf8JsonWriter json, Rule rule, bool withExamples)
    {
        json.WriteStartObject();
        json.WriteString("id", rule.Id);
        json.WriteString("name", rule.Name);
        json.WriteString("category", rule.Category);
        WriteList(json, "also", rule.Also);
        WriteList(json, "aliases", rule.Aliases);
        json.WriteString("severity", RuleWords.Of(rule.Severity));
        WriteList(json, "where", rule.Where.Select(RuleWords.Of));
        json.WriteStartObject("actions");
        foreach (var place in rule.Where)
            json.WriteString(RuleWords.Of(place), RuleWords.Of(rule.ActionAt(place)));
        json.WriteEndObject();
        json.WriteBoolean("sensitive", rule.IsSensitive);
        json.WriteString("status", rule.Status);
        json.WriteString("description", rule.Description);
        json.WriteString("remediation", rule.Remediation);
        json.WriteStartObject("references");
        foreach (var (framework, ids) in rule.References)
            WriteList(json, framework, ids);
        json.WriteEndObject();
        json.WriteString("source", rule.Source);
        json.WriteBoolean("custom", rule.IsCustom);
        if (withExamples)
        {
            json.WriteStartObject("examples");
            WriteList(json, "true_positive", rule.TruePositives.Select(example => example.Text));
            WriteList(json, "false_positive", rule.FalsePositives.Select(example => example.Text));
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> items)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
            json.WriteStringValue(item);
        json.WriteEndArray();
    }
}
