using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Rules;

/// <summary>How rule files spell things. The only place; the documentation and the JSON Schema are checked against it.</summary>
internal static class RuleNames
{
    /// <summary>The keys of a rule.</summary>
    public static readonly string[] Keys =
    [
        "id", "name", "description", "severity", "category", "also", "aliases", "where", "targets", "fields", "tool_classes", "patterns", "match_mode", "condition", "near", "validators",
        "exclude_patterns", "sensitive", "redact_as", "actions", "remediation", "references", "status", "examples",
    ];

    /// <summary>Keys that are read over: other scanners', and notes of those who make rules.</summary>
    public static readonly string[] IgnoredKeys = ["schema", "keywords", "confidence", "level", "source", "generated_by", "generated_from", "version", "since"];

    public static readonly string[] PatternKeys = ["id", "type", "value", "key", "view", "validators"];
    public static readonly string[] ExampleKeys = ["text", "json", "tool", "kind", "other_tools"];
    public static readonly string[] MatchModes = ["any", "all"];
    public static readonly string[] Severities = ["critical", "high", "medium", "low", "info"];
    public static readonly string[] Places = ["args", "description", "result", "any"];
    public static readonly string[] Actions = ["block", "remove-tool", "quarantine", "redact", "strip", "flag", "log"];
    public static readonly string[] Views = ["folded", "raw"];
    public static readonly string[] Types = ["regex", "contains", "word", "pair", "assigned", "detect", "shell", "sql", "path", "url", "injection", "definition"];
    public static readonly string[] Statuses = ["stable", "experimental", "shadow", "deprecated"];
    public static readonly string[] Fields = ["path", "url", "command", "sql", "code", "prose", "identifier", "name", "template", "number", "tool-name", "description", "parameter", "sample", "other", "any"];
    public static readonly string[] ToolClassNames = ["exec", "sql", "fs-read", "fs-write", "http", "message", "content", "any"];

    public static Severity? Severity(string name) => name switch
    {
        "critical" => Scanning.Severity.Critical,
        "high" => Scanning.Severity.High,
        "medium" => Scanning.Severity.Medium,
        "low" or "info" => Scanning.Severity.Low,
        _ => null,
    };

    /// <summary>A bit per place; 0 when unknown.</summary>
    public static int Place(string name) => name switch
    {
        "args" or "arg" or "arguments" => 1 << (int)Scanning.Place.Arguments,
        "description" or "definition" => 1 << (int)Scanning.Place.Definition,
        "result" => 1 << (int)Scanning.Place.Result,
        "any" or "*" => 7,
        _ => 0,
    };

    public static RuleAction? Action(string name) => name switch
    {
        "block" or "remove-tool" => RuleAction.Block,
        "quarantine" => RuleAction.Quarantine,
        "redact" => RuleAction.Redact,
        "strip" => RuleAction.Strip,
        "flag" => RuleAction.Flag,
        "log" => RuleAction.Log,
        _ => null,
    };

    public static PatternView? View(string name) => name switch
    {
        "folded" => PatternView.Folded,
        "raw" => PatternView.Raw,
        _ => null,
    };

    public static PatternType? Type(string name) => name switch
    {
        "regex" or "pair" or "assigned" => PatternType.Regex,
        "contains" => PatternType.Contains,
        "word" => PatternType.Word,
        "detect" => PatternType.Detect,
        "shell" => PatternType.Shell,
        "sql" => PatternType.Sql,
        "path" => PatternType.Path,
        "url" => PatternType.Url,
        "injection" => PatternType.Injection,
        "definition" => PatternType.Definition,
        _ => null,
    };

    /// <summary>Null when unknown; none for <c>any</c>.</summary>
    public static FieldRoles? Field(string name) => name switch
    {
        "path" => FieldRoles.Path,
        "url" => FieldRoles.Url,
        "command" => FieldRoles.Command,
        "sql" => FieldRoles.Sql,
        "code" => FieldRoles.Code,
        "prose" => FieldRoles.Prose,
        "identifier" or "name" => FieldRoles.Identifier,
        "template" => FieldRoles.Template,
        "number" => FieldRoles.Number,
        "tool-name" => FieldRoles.ToolName,
        "description" => FieldRoles.Description,
        "parameter" => FieldRoles.Parameter,
        "sample" => FieldRoles.Sample,
        "other" => FieldRoles.Other,
        "any" => FieldRoles.None,
        _ => null,
    };

    public static ToolClasses? ToolClass(string name) => name switch
    {
        "exec" => ToolClasses.Exec,
        "sql" => ToolClasses.Sql,
        "fs-read" => ToolClasses.FsRead,
        "fs-write" => ToolClasses.FsWrite,
        "http" => ToolClasses.Http,
        "message" => ToolClasses.Message,
        "content" => ToolClasses.Content,
        "any" => ToolClasses.None,
        _ => null,
    };
}
