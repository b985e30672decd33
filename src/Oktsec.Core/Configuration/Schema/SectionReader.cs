using Oktsec.Core.Configuration.Yaml;

namespace Oktsec.Core.Configuration.Schema;

/// <summary>Reads a YAML tree by the list of keys: unknown keys, wrong types, missing values; all of them, each with its place.</summary>
internal sealed class SectionReader(SchemaNode root, Interpolation interpolation, ConfigPaths paths, ProblemList problems)
{
    public ConfigSection ReadRoot(YamlValue? document)
    {
        if (document is YamlMap map)
            return ReadSection(root, map, map.Mark, KeyPath.Root);
        var mark = document?.Mark ?? new Mark(1, 1);
        if (document is not null && !IsNull(document))
            problems.Error(mark, "", $"expected keys such as gateway: and mcp_servers:, found {document.Kind}");
        return new ConfigSection(root, mark, KeyPath.Root);
    }

    private ConfigSection ReadSection(SchemaNode node, YamlMap? map, Mark mark, KeyPath path)
    {
        var section = new ConfigSection(node, mark, path);
        foreach (var entry in map?.Entries ?? [])
        {
            if (problems.IsFull)
                break;
            if (node.Children.TryGetValue(entry.Key, out var child))
                ReadKey(section, child, entry, path.Then(entry.Key));
            else
                problems.Error(entry.Mark, path.Then(entry.Key).ToString(), "unknown key", UnknownKey.Remedy(root, node, entry));
        }
        foreach (var (name, child) in node.Children)
        {
            if (child.Key!.Required && section.IsMissing(name))
                problems.Error(mark, path.ToString(), $"{name} is missing", child.Key.Example.Length > 0 ? $"write {name}: {child.Key.Example}" : "");
        }
        return section;
    }

    private void ReadKey(ConfigSection section, SchemaNode node, YamlEntry entry, KeyPath path)
    {
        var key = node.Key!;
        if (key.Notice.Length > 0)
            problems.Warning(entry.Mark, path.ToString(), key.Notice);
        if (key.Canonical.Length > 0)
        {
            problems.Warning(entry.Mark, path.ToString(), "is read", $"the name here is {key.Canonical}");
            node = section.Sibling(key.Canonical);
            key = node.Key!;
        }
        if (IsNull(entry.Value))
        {
            // `allowed_tools:` with its items commented out would silently allow every tool.
            if (key.Type is KeyType.Texts or KeyType.TextMap)
                problems.Warning(entry.Mark, path.ToString(), "nothing follows this key, so it is as if absent", key.Type == KeyType.Texts ? "write [] when that is meant" : "write {} when that is meant");
            if (key.Type != KeyType.Section)
                return;
        }
        if (ReadValue(node, entry.Value, entry.Mark, path) is not { } value)
            section.AddWrong(key.Name);
        else if (!section.TryAdd(key.Name, value))
            problems.Error(entry.Mark, path.ToString(), $"{key.Name} is also written here", "keep one of the two");
    }

    private ConfigValue? ReadValue(SchemaNode node, YamlValue value, Mark keyMark, KeyPath path) => (node.Key!.Type, value) switch
    {
        (KeyType.Anything, _) => new ConfigValue { Mark = value.Mark, Path = path },
        (KeyType.Section, _) when IsNull(value) => Block(node, null, keyMark, path, ""),
        (KeyType.Section, YamlMap map) => Block(node, map, keyMark, path, ""),
        (KeyType.NamedSections, YamlMap map) => new ConfigValue { Mark = keyMark, Path = path, Items = ReadNamed(node, map, path) },
        (KeyType.Sections, YamlList list) => new ConfigValue { Mark = keyMark, Path = path, Items = ReadBlocks(node, list, path) },
        (KeyType.Texts, YamlList list) => new ConfigValue { Mark = keyMark, Path = path, Items = ReadTexts(list, path) },
        (KeyType.TextMap, YamlMap map) => new ConfigValue { Mark = keyMark, Path = path, Items = ReadTexts(map, path) },
        (KeyType.Section or KeyType.NamedSections or KeyType.Sections or KeyType.Texts or KeyType.TextMap, _) => Wrong(node.Key, value, path),
        (_, YamlText text) => ReadScalar(node.Key, text, path),
        _ => Wrong(node.Key, value, path),
    };

    private ConfigValue Block(SchemaNode node, YamlMap? map, Mark mark, KeyPath path, string name) =>
        new() { Mark = mark, Path = path, Name = name, Section = ReadSection(node, map, mark, path) };

    private List<ConfigValue> ReadNamed(SchemaNode node, YamlMap map, KeyPath path)
    {
        var items = new List<ConfigValue>();
        foreach (var (name, mark, value) in map.Entries)
        {
            if (value is YamlMap || IsNull(value))
                items.Add(Block(node, value as YamlMap, mark, path.Then(name), name));
            else
                problems.Error(value.Mark, path.Then(name).ToString(), $"expected an indented block of keys, found {value.Kind}", UnknownKey.Misplaced(node, name));
        }
        return items;
    }

    private List<ConfigValue> ReadBlocks(SchemaNode node, YamlList list, KeyPath path)
    {
        var items = new List<ConfigValue>();
        for (var i = 0; i < list.Items.Count; i++)
        {
            var item = list.Items[i];
            if (item is YamlMap map)
                items.Add(Block(node, map, item.Mark, path.Then(i), ""));
            else
                problems.Error(item.Mark, path.Then(i).ToString(), $"expected a block of keys, found {(IsNull(item) ? "nothing" : item.Kind)}");
        }
        return items;
    }

    private List<ConfigValue> ReadTexts(YamlList list, KeyPath path)
    {
        var items = new List<ConfigValue>();
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (ReadText(list.Items[i], "", path.Then(i)) is { } item)
                items.Add(item);
        }
        return items;
    }

    private List<ConfigValue> ReadTexts(YamlMap map, KeyPath path)
    {
        var items = new List<ConfigValue>();
        foreach (var (name, _, value) in map.Entries)
        {
            if (ReadText(value, name, path.Then(name)) is { } item)
                items.Add(item);
        }
        return items;
    }

    private ConfigValue? ReadText(YamlValue value, string name, KeyPath path)
    {
        if (value is YamlText text && !IsNull(text))
            return new ConfigValue { Mark = text.Mark, Path = path, Name = name, Raw = text.Text, Text = interpolation.Fill(text.Text, text.Mark, path) };
        problems.Error(value.Mark, path.ToString(), $"expected a text, found {(IsNull(value) ? "nothing" : value.Kind)}");
        return null;
    }

    private ConfigValue? ReadScalar(ConfigKey key, YamlText text, KeyPath path)
    {
        var errorsBefore = problems.ErrorCount;
        var filled = interpolation.Fill(text.Text, text.Mark, path);
        if (problems.ErrorCount > errorsBefore)
            return null;
        if (key.Type == KeyType.Path && filled.Length > 0)
            filled = paths.Resolve(filled);
        if (filled is null)
            return Wrong(key, text, path);
        var value = new ConfigValue { Mark = text.Mark, Path = path, Raw = text.Text, Text = filled };
        return ScalarReader.Read(key, value) ? value : Wrong(key, text, path);
    }

    private ConfigValue? Wrong(ConfigKey key, YamlValue value, KeyPath path)
    {
        // A text where a block belongs may be a secret, and so may a URL: only what can be none is shown.
        var shown = key.Type is KeyType.Choice or KeyType.Flag or KeyType.Number or KeyType.Port or KeyType.Size or KeyType.Duration;
        var found = shown && value is YamlText text ? Shown.Quote(text.Text) : value.Kind;
        var near = key.Type == KeyType.Choice && value is YamlText wrong ? Suggestion.For(wrong.Text, key.Choices) : null;
        var remedy = near is null ? "" : $"did you mean {near}?";
        problems.Error(value.Mark, path.ToString(), $"expected {ScalarReader.Expected(key)}, found {found}", remedy);
        return null;
    }

    private static bool IsNull(YamlValue value) => value is YamlText { IsNull: true };
}
