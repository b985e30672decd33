using System.Globalization;
using Oktsec.Scanning.Rules.Yaml;

namespace Oktsec.Scanning.Rules;

/// <summary>A YAML mapping that knows which of its keys were asked for.</summary>
internal sealed class RuleMap(YamlMap node, RuleReader reader)
{
    private readonly HashSet<string> asked = [];

    public YamlMap Node => node;

    public string Text(string key, string fallback = "") => Get(key) is YamlText { Value: { Length: > 0 } value } ? value : fallback;

    public int Number(string key) => int.TryParse(Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;

    public bool Flag(string key) => Text(key) is "true" or "yes" or "True";

    public IReadOnlyList<string> List(string key) => Get(key) is { } value ? Strings(value) : [];

    public IEnumerable<YamlNode> Nodes(string key) => Get(key) is YamlList list ? list.Items : [];

    public YamlMap? Child(string key) => Get(key) as YamlMap;


    public static IReadOnlyList<string> Strings(YamlNode node) => node switch
    {
        YamlList list => [.. list.Items.OfType<YamlText>().Select(item => item.Value)],
        YamlText { Value: { Length: > 0 } value } => [value],
        _ => [],
    };

    public static IEnumerable<YamlNode> Items(YamlMap map, string key) =>
        map.Get(key) is YamlList list ? list.Items : [];

    public void ReportUnknown(params ReadOnlySpan<string> known)
    {
        foreach (var key in node.Keys)
            if (!asked.Contains(key.Value) && !known.Contains(key.Value))
                reader.ReportUnknownKey(key.Line, key.Value);
    }

    private YamlNode? Get(string key)
    {
        asked.Add(key);
        return node.Get(key);
    }
}
