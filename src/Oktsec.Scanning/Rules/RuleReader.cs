using System.Text;
using Oktsec.Scanning.Fields;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Oktsec.Scanning.Rules;

/// <summary>
/// Reads rule files: several YAML documents, each one rule, in the format of docs/rule-format.md, a superset of what public scanners use.
/// </summary>
/// <param name="file">The name problems carry.</param>
/// <param name="isCustom">A user's file: unknown keys are warnings, and missing examples are allowed.</param>
public sealed class RuleReader(string file, bool isCustom)
{
    private static readonly Dictionary<string, string> SeverityNames = new() { ["info"] = "low" };

    private readonly List<RuleProblem> problems = [];
    private string current = "";

    public IReadOnlyList<RuleProblem> Problems => problems;

    public IReadOnlyList<Rule> Read(TextReader text)
    {
        var rules = new List<Rule>();
        var stream = new YamlStream();
        try
        {
            stream.Load(text);
        }
        catch (YamlException e)
        {
            Report((int)e.Start.Line, $"no YAML: {e.Message}");
            return rules;
        }
        foreach (var document in stream.Documents)
            foreach (var node in RuleNodes(document.RootNode))
                if (ReadRule(node) is { } rule)
                    rules.Add(rule);
        return rules;
    }

    private IEnumerable<YamlMappingNode> RuleNodes(YamlNode root)
    {
        switch (root)
        {
            case YamlMappingNode map when map.Children.TryGetValue("rules", out var list) && list is YamlSequenceNode rules:
                return rules.OfType<YamlMappingNode>();
            case YamlMappingNode map:
                return [map];
            case YamlSequenceNode rules:
                return rules.OfType<YamlMappingNode>();
            case YamlScalarNode { Value: null or "" }:
                return [];
            default:
                Report(Line(root), "a rule is a mapping that begins with 'id:'");
                return [];
        }
    }

    private Rule? ReadRule(YamlMappingNode node)
    {
        current = "";
        var before = problems.Count(problem => problem.IsError);
        var map = new RuleMap(node, this);
        current = map.Text("id");
        var severity = map.Text("severity").ToLowerInvariant();
        var category = map.Text("category");
        var rule = new Rule
        {
            Id = current,
            Name = map.Text("name"),
            Category = Canonical(category, node),
            Also = [.. map.List("also").Select(also => Canonical(also, node))],
            Aliases = map.List("aliases"),
            Severity = Parse<Severity>(SeverityNames.GetValueOrDefault(severity, severity), node, "severity"),
            Description = map.Text("description"),
            Remediation = map.Text("remediation"),
            Where = Places(map, node),
            Fields = map.List("fields").Where(name => name != "any").Aggregate(FieldRoles.None, (all, name) => all | Parse<FieldRoles>(name == "name" ? "identifier" : name, node, "fields")),
            Tools = map.List("tool_classes").Where(name => name != "any").Aggregate(ToolClasses.None, (all, name) => all | Parse<ToolClasses>(name.Replace("-", ""), node, "tool_classes")),
            Condition = map.Text("condition"),
            Near = map.Number("near"),
            Validators = map.List("validators"),
            IsSensitive = map.Flag("sensitive"),
            RedactAs = map.Text("redact_as"),
            Status = map.Text("status", "stable"),
            Patterns = Patterns(map, "patterns"),
            Excludes = Patterns(map, "exclude_patterns"),
            Actions = Actions(map),
            References = References(map),
            TruePositives = Examples(map, "true_positive"),
            FalsePositives = Examples(map, "false_positive"),
            Source = $"{file}:{Line(node)}",
            IsCustom = isCustom,
        };
        if (map.Text("match_mode") == "all" && rule.Condition.Length == 0)
            rule = WithAll(rule);
        map.ReportUnknown("targets", "schema", "keywords", "confidence", "level", "source", "generated_by", "generated_from", "version", "since", "examples", "match_mode");
        foreach (var (key, value) in (ReadOnlySpan<(string, string)>)[("id", rule.Id), ("name", rule.Name), ("severity", severity), ("category", category)])
            if (value.Length == 0)
                Report(Line(node), $"'{key}:' is missing");
        if (rule.Patterns.Count == 0)
            Report(Line(node), "'patterns:' is missing");
        return problems.Count(problem => problem.IsError) == before ? rule : null;
    }

    // match_mode: all is the condition that names every pattern.
    private static Rule WithAll(Rule rule)
    {
        var patterns = rule.Patterns.Select((pattern, i) => pattern.Id.Length > 0 ? pattern : pattern with { Id = $"p{i}" }).ToList();
        return rule with { Patterns = patterns, Condition = string.Join(" and ", patterns.Select(pattern => pattern.Id)) };
    }

    private List<Place> Places(RuleMap map, YamlMappingNode node)
    {
        var places = map.List("where").Where(name => name is not ("any" or "*")).Select(name => PlaceOf(name, node)).Distinct().ToList();
        return places.Count > 0 ? places : [Place.Arguments, Place.Definition, Place.Result];
    }

    private Place PlaceOf(string name, YamlNode node) => name switch
    {
        "args" or "arg" or "arguments" => Place.Arguments,
        "description" or "definition" => Place.Definition,
        "result" => Place.Result,
        _ => Unknown<Place>(name, node, "where", "args, description, result"),
    };

    private List<RulePattern> Patterns(RuleMap map, string key)
    {
        var patterns = new List<RulePattern>();
        foreach (var node in map.Nodes(key))
        {
            if (node is YamlScalarNode scalar)
            {
                patterns.Add(new RulePattern("", PatternType.Regex, scalar.Value ?? "", DefaultView));
                continue;
            }
            if (node is not YamlMappingNode child)
                continue;
            var entry = new RuleMap(child, this);
            var type = entry.Text("type", "regex");
            var view = entry.Text("view") is { Length: > 0 } name ? Parse<PatternView>(name, child, "view") : DefaultView;
            var value = entry.Text("value");
            if (type == "pair")
                (type, value) = ("regex", $"(?:^|[_ .-])(?:{entry.Text("key")})\\x1F(?:{entry.Text("value")})$");
            patterns.Add(new RulePattern(entry.Text("id"), Parse<PatternType>(type, child, "type"), value, view));
            entry.ReportUnknown("key");
            if (value.Length == 0)
                Report(Line(child), "'value:' is missing");
            if (value.Length > 4096)
                Report(Line(child), "a pattern over 4,096 characters; split it");
        }
        return patterns;
    }

    // Public rules are written for the text as it stands; ours say so where they need it.
    private PatternView DefaultView => isCustom ? PatternView.Raw : PatternView.Folded;

    private Dictionary<Place, RuleAction> Actions(RuleMap map)
    {
        var actions = new Dictionary<Place, RuleAction>();
        foreach (var (key, value) in map.Pairs("actions"))
            actions[PlaceOf(key, map.Node)] = value is "remove-tool" ? RuleAction.Block : Parse<RuleAction>(value, map.Node, "actions");
        return actions;
    }

    private static Dictionary<string, IReadOnlyList<string>> References(RuleMap map)
    {
        var references = new Dictionary<string, IReadOnlyList<string>>();
        if (map.Child("references") is { } child)
            foreach (var key in child.Children.Keys.OfType<YamlScalarNode>())
                references[key.Value ?? ""] = RuleMap.Strings(child.Children[key]);
        return references;
    }

    private List<RuleExample> Examples(RuleMap map, string key)
    {
        var examples = new List<RuleExample>();
        if (map.Child("examples") is not { } child)
            return examples;
        foreach (var node in RuleMap.Items(child, key))
        {
            if (node is YamlScalarNode scalar)
            {
                examples.Add(new RuleExample(scalar.Value ?? ""));
                continue;
            }
            if (node is not YamlMappingNode entry)
                continue;
            var fields = new RuleMap(entry, this);
            var place = fields.Text("kind") is { Length: > 0 } kind ? PlaceOf(kind, entry) : (Place?)null;
            examples.Add(entry.Children.TryGetValue("json", out var json)
                ? new RuleExample(YamlJson.Write(json), true, fields.Text("tool"), place)
                : new RuleExample(fields.Text("text"), false, fields.Text("tool"), place));
        }
        return examples;
    }

    private string Canonical(string name, YamlNode node)
    {
        if (name.Length == 0)
            return "";
        if (Categories.Canonical(name) is { } canonical)
            return canonical;
        Report(Line(node), $"unknown category '{name}'; one of {string.Join(", ", Categories.All)}{(isCustom ? "; it counts as custom" : "")}", isError: !isCustom);
        return "custom";
    }

    private T Parse<T>(string text, YamlNode node, string key) where T : struct, Enum =>
        text.Length == 0 ? default
        : Enum.TryParse<T>(text, ignoreCase: true, out var value) && !char.IsAsciiDigit(text[0]) ? value
        : Unknown<T>(text, node, key, string.Join(", ", Enum.GetNames<T>().Select(name => name.ToLowerInvariant())));

    private T Unknown<T>(string text, YamlNode node, string key, string known) where T : struct
    {
        Report(Line(node), $"'{key}: {text}' is none of {known}");
        return default;
    }

    internal static int Line(YamlNode node) => (int)node.Start.Line;

    internal void ReportUnknownKey(int line, string key) => Report(line, $"unknown key '{key}'", isError: !isCustom);

    private void Report(int line, string message, bool isError = true) => problems.Add(new RuleProblem(file, line, current, message, isError));
}
