namespace Oktsec.Clients.Documents;

/// <summary>A TOML table that stands on lines of its own: under a header, or as keys with dots.</summary>
/// <param name="Start">Start of its first line.</param>
/// <param name="End">End of its last line, those of its own tables included.</param>
/// <param name="Path">Its keys from the root.</param>
/// <param name="HeaderEnd">Index behind its header, or null when it has none.</param>
internal sealed record TomlTable(int Start, int End, IReadOnlyList<Member> Members, IReadOnlyList<string> Path, int? HeaderEnd) : MapNode(Start, End, Members);

/// <summary>A table while the text is read: headers may add to it from several places.</summary>
internal sealed class TomlTableBuilder(IReadOnlyList<string> path, bool isInline = false)
{
    private readonly List<(string Key, int Start, object Value)> _members = [];
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    public int Start { get; private set; } = int.MaxValue;

    public int End { get; private set; }

    public int? HeaderEnd { get; set; }

    public IReadOnlyList<string> Path => path;

    /// <summary>Widens it to a line, or a part of one, that says something of it.</summary>
    public void Cover(int start, int end) => (Start, End) = (Math.Min(Start, start), Math.Max(End, end));

    public object? Find(string key) => _values.GetValueOrDefault(key);

    public void Add(string key, int start, object value)
    {
        _members.Add((key, start, value));
        _values.Add(key, value);
    }

    public MapNode Build()
    {
        var members = new List<Member>(_members.Count);
        foreach (var (key, start, value) in _members)
            members.Add(new Member(key, start, Built(value)));
        var (first, last) = (Math.Min(Start, End), End);
        foreach (var member in members.Where(m => m.Value is TomlTable))
            (first, last) = (Math.Min(first, member.Value.Start), Math.Max(last, member.Value.End));
        return isInline ? new MapNode(first, last, members) : new TomlTable(first, last, members, path, HeaderEnd);
    }

    private static Node Built(object value) => value switch
    {
        TomlTableBuilder table => table.Build(),
        List<TomlTableBuilder> list => BuildList([.. list.Select(t => t.Build())]),
        _ => (Node)value,
    };

    private static ListNode BuildList(Node[] tables) => new(tables[0].Start, tables[^1].End, tables);
}
