using Oktsec.Core.Configuration.Yaml;

namespace Oktsec.Core.Configuration.Schema;

/// <summary>What somebody may have meant who wrote a key that does not exist where it stands.</summary>
internal static class UnknownKey
{
    public static string Remedy(SchemaNode root, SchemaNode section, YamlEntry entry)
    {
        if (Suggestion.For(entry.Key, section.Children.Keys) is { } near)
            return $"did you mean {near}?";
        // The commonest way to get here: a block was copied and lost its indentation.
        if (Elsewhere(root, entry.Key) is { } key)
            return $"{key.Name} belongs to {Parent(key)}: indent it under that";
        return $"known here: {Shown.List(section.Children.Values.Where(c => c.Key!.Canonical.Length == 0 && c.Key.Notice.Length == 0).Select(c => c.Key!.Name))}";
    }

    /// <summary>For a value where a name with a block was expected: a key of that block, one level too high.</summary>
    public static string Misplaced(SchemaNode section, string name) =>
        section.Children.ContainsKey(name) ? $"{name} belongs one level deeper, under a name" : "";

    private static ConfigKey? Elsewhere(SchemaNode node, string name)
    {
        foreach (var child in node.Children.Values)
        {
            if (child.Children.TryGetValue(name, out var found))
                return found.Key;
            if (Elsewhere(child, name) is { } deeper)
                return deeper;
        }
        return null;
    }

    private static string Parent(ConfigKey key) => key.Path[..key.Path.LastIndexOf('.')];
}
