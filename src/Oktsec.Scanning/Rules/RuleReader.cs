using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Rules.Yaml;

namespace Oktsec.Scanning.Rules;

/// <summary>
/// Reads rule files: several YAML documents, each one rule, in the format of docs/rule-format.md, a superset of what public scanners use.
/// </summary>
/// <param name="file">The name problems carry.</param>
/// <param name="isCustom">A user's file: unknown keys are warnings, and missing examples are allowed.</param>
public sealed class RuleReader(string file, bool isCustom)
{
    // Bound of public rule files; longer patterns are lists that belong into several.
    private const int MaxPattern = 4096;

    private readonly List<RuleProblem> problems = [];
    private string current = "";
    private int errors;

    public IReadOnlyList<RuleProblem> Problems => problems;

    public IReadOnlyList<Rule> Read(string text)
    {
        var rules = new List<Rule>();
        List<YamlNode> documents;
        try
        {
            documents = YamlReader.Read(text);
        }
        catch (YamlException e)
        {
            Report(e.Line, e.Message);
            return rules;
        }
        foreach (var document in documents)
            ReadDocument(document, rules);
        return rules;
    }

    private void ReadDocument(YamlNode root, List<Rule> rules)
    {
        switch (root)
        {
            case YamlMap map when map.Get("rules") is YamlList list:
                ReadList(list, rules);
                break;
            case YamlMap map:
                if (ReadRule(map) is { } rule)
                    rules.Add(rule);
                break;
            case YamlList list:
                ReadList(list, rules);
                break;
            case YamlText { Value: "" }:
                break;
            default:
                Report(root.Line, "a rule is a mapping that begins with 'id:'");
                break;
        }
    }

    private void ReadList(YamlList list, List<Rule> rules)
    {
        foreach (var item in list.Items)
            ReadDocument(item, rules);
    }

    private Rule? ReadRule(YamlMap node)
    {
        var before = errors;
        var map = new RuleMap(node, this);
        current = map.Text("id");
        foreach (var key in (ReadOnlySpan<string>)["id", "name", "severity", "category"])
            if (map.Text(key).Length == 0)
                Report(node.Line, $"'{key}:' is missing");
        var severity = map.Text("severity").ToLowerInvariant();
        var rule = new Rule
        {
            Id = current,
            Name = map.Text("name"),
            Category = Canonical(map.Text("category"), node.Line),
            Also = [.. map.List("also").Select(also => Canonical(also, node.Line))],
            Aliases = map.List("aliases"),
            Severity = RuleNames.Severity(severity) ?? (severity.Length == 0 ? Severity.Low : Unknown(Severity.Low, severity, node.Line, "severity", RuleNames.Severities)),
            Description = map.Text("description"),
            Remediation = map.Text("remediation"),
            Where = Where(map),
            Fields = Roles(map),
            Tools = Tools(map),
            Condition = map.Text("condition"),
            Near = map.Number("near"),
            Validators = map.List("validators"),
            IsSensitive = map.Flag("sensitive"),
            RedactAs = map.Text("redact_as"),
            Status = Status(map),
            Patterns = Patterns(map, "patterns"),
            Excludes = Patterns(map, "exclude_patterns"),
            Actions = Actions(map),
            References = References(map),
            TruePositives = Examples(map, "true_positive"),
            FalsePositives = Examples(map, "false_positive"),
            Source = $"{file}:{node.Line}",
            IsCustom = isCustom,
        };
        if (rule.Patterns.Count == 0)
            Report(node.Line, "'patterns:' is missing");
        if (map.Text("match_mode") == "all" && rule.Condition.Length == 0)
            rule = WithAll(rule);
        map.ReportUnknown([.. RuleNames.IgnoredKeys, "examples", "targets"]);
        return errors == before ? rule : null;
    }

    // match_mode: all is the condition that names every pattern.
    private static Rule WithAll(Rule rule)
    {
        var patterns = rule.Patterns.Select((pattern, i) => pattern.Id.Length > 0 ? pattern : pattern with { Id = $"p{i}" }).ToList();
        return rule with { Patterns = patterns, Condition = string.Join(" and ", patterns.Select(pattern => pattern.Id)) };
    }

    private List<Place> Where(RuleMap map)
    {
        var bits = 0;
        foreach (var name in map.List("where"))
            bits |= RuleNames.Place(name) is not 0 and var bit ? bit : Unknown(0, name, map.Node.Line, "where", RuleNames.Places);
        // Rules for files of one kind say nothing about traffic: a program's source is not an order to the model.
        var targets = map.List("targets");
        if (bits == 0 && targets.Count > 0 && !targets.Any(target => target is "*" or "**" || target.EndsWith("*.md", StringComparison.Ordinal) || target.EndsWith("*.txt", StringComparison.Ordinal) || target.EndsWith("*.json", StringComparison.Ordinal)))
        {
            Report(map.Node.Line, "its targets are files of one kind: it does not run on traffic; add 'where:' if it should", isError: false);
            return [];
        }
        var places = new List<Place>();
        for (var place = Place.Arguments; place <= Place.Result; place++)
            if (bits == 0 || (bits >> (int)place & 1) != 0)
                places.Add(place);
        return places;
    }

    private FieldRoles Roles(RuleMap map)
    {
        var roles = FieldRoles.None;
        foreach (var name in map.List("fields"))
            roles |= RuleNames.Field(name) ?? Unknown(FieldRoles.None, name, map.Node.Line, "fields", RuleNames.Fields);
        return roles;
    }

    private ToolClasses Tools(RuleMap map)
    {
        var tools = ToolClasses.None;
        foreach (var name in map.List("tool_classes"))
            tools |= RuleNames.ToolClass(name) ?? Unknown(ToolClasses.None, name, map.Node.Line, "tool_classes", RuleNames.ToolClassNames);
        return tools;
    }

    private string Status(RuleMap map)
    {
        var status = map.Text("status", "stable");
        return RuleNames.Statuses.Contains(status) ? status : isCustom ? "stable" : Unknown("stable", status, map.Node.Line, "status", RuleNames.Statuses);
    }

    private ActionByPlace Actions(RuleMap map)
    {
        var actions = ActionByPlace.BySeverity;
        if (map.Child("actions") is not { } child)
            return actions;
        for (var i = 0; i < child.Keys.Count; i++)
        {
            var name = (child.Values[i] as YamlText)?.Value ?? "";
            var action = RuleNames.Action(name) ?? Unknown(RuleAction.Log, name, child.Line, "actions", RuleNames.Actions);
            var bits = RuleNames.Place(child.Keys[i].Value) is not 0 and var bit ? bit : Unknown(0, child.Keys[i].Value, child.Line, "actions", RuleNames.Places);
            for (var place = Place.Arguments; place <= Place.Result; place++)
                if ((bits >> (int)place & 1) != 0)
                    actions = actions.With(place, action);
        }
        return actions;
    }

    private List<RulePattern> Patterns(RuleMap map, string key)
    {
        var patterns = new List<RulePattern>();
        foreach (var node in map.Nodes(key))
        {
            var pattern = node switch
            {
                YamlText text => new RulePattern("", PatternType.Regex, text.Value, DefaultView(PatternType.Regex)),
                YamlMap child => Pattern(new RuleMap(child, this)),
                _ => new RulePattern("", PatternType.Regex, "", PatternView.Raw),
            };
            if (pattern.Value.Length == 0)
                Report(node.Line, "a pattern without 'value:'");
            if (pattern.Value.Length > MaxPattern)
                Report(node.Line, $"a pattern over {MaxPattern} characters; split it");
            patterns.Add(pattern);
        }
        return patterns;
    }

    private RulePattern Pattern(RuleMap entry)
    {
        var name = entry.Text("type", "regex");
        var type = RuleNames.Type(name) ?? Unknown(PatternType.Regex, name, entry.Node.Line, "type", RuleNames.Types);
        var byType = name == "assigned" ? PatternView.Raw : DefaultView(type);
        var view = entry.Text("view") is { Length: > 0 } text ? RuleNames.View(text) ?? Unknown(PatternView.Raw, text, entry.Node.Line, "view", RuleNames.Views) : byType;
        var value = entry.Text("value");
        if (name == "pair")
            value = $"(?:^|[_ .-])(?:{entry.Text("key")})\\x1F(?:{value})$";
        else if (name == "assigned")
            value = Assignment.Pattern(entry.Text("key"), value);
        var pattern = new RulePattern(entry.Text("id"), type, value, view) { Validators = entry.List("validators") };
        entry.ReportUnknown("key");
        return pattern;
    }

    // Public rules are written for the text as it stands; ours say so where they need it.
    private PatternView DefaultView(PatternType type) => isCustom && type == PatternType.Regex ? PatternView.Raw : PatternView.Folded;

    private static IReadOnlyDictionary<string, IReadOnlyList<string>> References(RuleMap map)
    {
        var references = new Dictionary<string, IReadOnlyList<string>>();
        if (map.Child("references") is { } child)
            for (var i = 0; i < child.Keys.Count; i++)
                references[child.Keys[i].Value] = RuleMap.Strings(child.Values[i]);
        return references;
    }

    private List<RuleExample> Examples(RuleMap map, string key)
    {
        var examples = new List<RuleExample>();
        if (map.Child("examples") is not { } child)
            return examples;
        foreach (var node in RuleMap.Items(child, key))
        {
            if (node is YamlText text)
                examples.Add(new RuleExample(text.Value));
            else if (node is YamlMap entry)
                examples.Add(Example(new RuleMap(entry, this)));
        }
        return examples;
    }

    private RuleExample Example(RuleMap entry)
    {
        Place? place = null;
        if (entry.Text("kind") is { Length: > 0 } kind)
        {
            place = RuleNames.Place(kind) switch
            {
                1 => Place.Arguments,
                2 => Place.Definition,
                4 => Place.Result,
                _ => Unknown(Place.Arguments, kind, entry.Node.Line, "kind", RuleNames.Places),
            };
        }
        var json = entry.Node.Get("json");
        var example = new RuleExample(json is null ? entry.Text("text") : YamlJson.Write(json), json is not null, entry.Text("tool"), place) { OtherTools = entry.List("other_tools") };
        entry.ReportUnknown("json", "text");
        return example;
    }

    private string Canonical(string name, int line)
    {
        if (name.Length == 0)
            return "custom";
        if (Categories.Canonical(name) is { } canonical)
            return canonical;
        Report(line, $"unknown category '{name}'; one of {string.Join(", ", Categories.All)}{(isCustom ? "; it counts as custom" : "")}", isError: !isCustom);
        return "custom";
    }

    private T Unknown<T>(T fallback, string text, int line, string key, string[] known)
    {
        Report(line, $"'{key}: {text}' is none of {string.Join(", ", known)}");
        return fallback;
    }

    internal void ReportUnknownKey(int line, string key) => Report(line, $"unknown key '{key}'", isError: !isCustom);

    private void Report(int line, string message, bool isError = true)
    {
        errors += isError ? 1 : 0;
        problems.Add(new RuleProblem(file, line, current, message, isError));
    }
}
