namespace Oktsec.Core.Configuration.Yaml;

/// <summary>A place in the file, both from 1.</summary>
internal readonly record struct Mark(int Line, int Column);

/// <summary>One value of a YAML document, and where it starts.</summary>
internal abstract class YamlValue(Mark mark)
{
    public Mark Mark { get; } = mark;

    /// <summary>How a problem names this kind of value.</summary>
    public abstract string Kind { get; }
}

/// <summary>A scalar. Its type is the reader's to decide, from the key.</summary>
internal sealed class YamlText(Mark mark, string text, bool plain) : YamlValue(mark)
{
    public string Text { get; } = text;

    /// <summary>YAML 1.2.2, 10.2.1.1: the spellings of null; only unquoted ones.</summary>
    public bool IsNull => plain && (Text is "" or "~" or "null" or "Null" or "NULL");

    public override string Kind => "a text";
}

internal sealed class YamlList(Mark mark, List<YamlValue> items) : YamlValue(mark)
{
    public List<YamlValue> Items { get; } = items;

    public override string Kind => "a list";
}

internal sealed class YamlMap(Mark mark, List<YamlEntry> entries) : YamlValue(mark)
{
    /// <summary>In the order of the file; duplicates were reported and dropped.</summary>
    public List<YamlEntry> Entries { get; } = entries;

    public override string Kind => "a block of keys";
}

internal readonly record struct YamlEntry(string Key, Mark Mark, YamlValue Value);
