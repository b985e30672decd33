namespace Oktsec.Scanning.Rules.Yaml;

/// <summary>A value of a YAML file, with the line it begins at.</summary>
internal abstract class YamlNode(int line)
{
    public int Line { get; } = line;
}

/// <param name="value">The text.</param>
/// <param name="isPlain">Written without quotes: it may be a number, a truth value or null.</param>
/// <param name="line">From 1.</param>
internal sealed class YamlText(string value, bool isPlain, int line) : YamlNode(line)
{
    public string Value { get; } = value;

    public bool IsPlain { get; } = isPlain;
}

internal sealed class YamlList(int line) : YamlNode(line)
{
    public List<YamlNode> Items { get; } = [];
}

internal sealed class YamlMap(int line) : YamlNode(line)
{
    public List<YamlText> Keys { get; } = [];

    public List<YamlNode> Values { get; } = [];

    public YamlNode? Get(string key)
    {
        for (var i = 0; i < Keys.Count; i++)
            if (Keys[i].Value == key)
                return Values[i];
        return null;
    }
}

/// <summary>Text that is no YAML of the kind rule files are written in.</summary>
internal sealed class YamlException(int line, string message) : Exception(message)
{
    public int Line { get; } = line;
}
