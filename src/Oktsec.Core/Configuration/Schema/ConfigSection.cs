using Oktsec.Core.Configuration.Yaml;

namespace Oktsec.Core.Configuration.Schema;

/// <summary>A block of keys that was read: typed values by name, defaults from the list of keys.</summary>
/// <remarks>Asking for a key that the list does not have throws: it is a mistake in our code, and reading any file shows it.</remarks>
internal sealed class ConfigSection
{
    private readonly SchemaNode _node;
    private readonly Dictionary<string, ConfigValue> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _wrong = new(StringComparer.Ordinal);

    public ConfigSection(SchemaNode node, Mark mark, KeyPath path) => (_node, Mark, Path) = (node, mark, path);

    public Mark Mark { get; }

    public KeyPath Path { get; }

    public bool Has(string name) => Find(name) is not null;

    public string Text(string name) => Scalar(name).Text;

    /// <summary>The text as written: what a problem may show.</summary>
    public string Raw(string name) => Scalar(name).Raw;

    public bool Flag(string name) => Scalar(name).Flag;

    public int Number(string name) => (int)Scalar(name).Number;

    public TimeSpan Duration(string name) => Scalar(name).Duration;

    /// <summary>The items, with their places; empty when the key is absent.</summary>
    public IReadOnlyList<ConfigValue> Items(string name) => Find(name)?.Items ?? [];

    public IReadOnlyList<string> Texts(string name) => [.. Items(name).Select(i => i.Text)];

    /// <summary>In no order; names are unique.</summary>
    public IReadOnlyDictionary<string, string> Map(string name) => Items(name).ToDictionary(i => i.Name, i => i.Text, StringComparer.Ordinal);

    /// <summary>The block, or an empty one that has all defaults.</summary>
    public ConfigSection Section(string name) => Find(name)?.Section ?? new ConfigSection(_node.Children[name], Mark, Path.Then(name));

    /// <summary>Where the value stands, or the section itself when the key is absent.</summary>
    public Mark MarkOf(string name) => Find(name)?.Mark ?? Mark;

    public string PathOf(string name) => Path.Then(name).ToString();

    /// <summary>The key is written with a value that was refused, and reported: nothing more needs saying about it.</summary>
    public bool IsWrong(string name) => _wrong.Contains(name);

    /// <summary>Neither a value nor a refused one.</summary>
    public bool IsMissing(string name) => !IsWrong(name) && (Find(name) is not { } value || (value.Section is null && value.Items.Count == 0 && value.Text.Length == 0));

    public void AddWrong(string name) => _wrong.Add(name);

    public bool TryAdd(string name, ConfigValue value) => _values.TryAdd(name, value);

    /// <summary>The schema of a key of this block.</summary>
    public SchemaNode Sibling(string name) => _node.Children[name];

    private ConfigValue? Find(string name)
    {
        _ = _node.Children[name];
        return _values.GetValueOrDefault(name);
    }

    private ConfigValue Scalar(string name) => Find(name) ?? ScalarReader.Default(_node.Children[name].Key!, Mark, Path.Then(name));
}
