using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Oktsec.Scanning.Rules;

/// <summary>A YAML mapping that knows which of its keys were asked for.</summary>
internal sealed class RuleMap(YamlMappingNode node, RuleReader reader)
{
    private readonly HashSet<string> asked = [];

    public YamlMappingNode Node => node;

    public string Text(string key, string fallback = "") => Get(key) is YamlScalarNode { Value: { Length: > 0 } value } ? value : fallback;

    public int Number(string key) => int.TryParse(Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;

    public bool Flag(string key) => Text(key) is "true" or "yes" or "True";

    public IReadOnlyList<string> List(string key) => Get(key) is { } value ? Strings(value) : [];

    public IEnumerable<YamlNode> Nodes(string key) => Get(key) is YamlSequenceNode list ? list.Children : [];

    public YamlMappingNode? Child(string key) => Get(key) as YamlMappingNode;

    public IEnumerable<(string Key, string Value)> Pairs(string key) =>
        Child(key) is { } child ? child.Children.Select(pair => (((YamlScalarNode)pair.Key).Value ?? "", (pair.Value as YamlScalarNode)?.Value ?? "")) : [];

    public static IReadOnlyList<string> Strings(YamlNode node) => node switch
    {
        YamlSequenceNode list => [.. list.Children.OfType<YamlScalarNode>().Select(item => item.Value ?? "")],
        YamlScalarNode { Value: { Length: > 0 } value } => [value],
        _ => [],
    };

    public static IEnumerable<YamlNode> Items(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(key, out var value) && value is YamlSequenceNode list ? list.Children : [];

    public void ReportUnknown(params ReadOnlySpan<string> known)
    {
        foreach (var key in node.Children.Keys.OfType<YamlScalarNode>())
            if (!asked.Contains(key.Value ?? "") && !known.Contains(key.Value ?? ""))
                reader.ReportUnknownKey(RuleReader.Line(key), key.Value ?? "");
    }

    private YamlNode? Get(string key)
    {
        asked.Add(key);
        return node.Children.TryGetValue(key, out var value) ? value : null;
    }
}
