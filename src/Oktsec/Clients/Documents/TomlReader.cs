namespace Oktsec.Clients.Documents;

/// <summary>Reads TOML 1.0, and says where each value stands.</summary>
/// <remarks>Numbers and dates stay the words they are: nobody here computes with them.</remarks>
internal sealed class TomlReader(string text)
{
    private readonly TomlTableBuilder _root = new([]);
    private readonly TomlValueReader _values = new(text);

    public Node ReadDocument()
    {
        var table = _root;
        _root.Cover(0, 0);
        while (_values.SkipToLine())
        {
            var line = _values.At;
            table = _values.Peek() == '[' ? ReadHeader() : ReadPair(table, line);
            _values.EndLine();
        }
        return _root.Build();
    }

    private TomlTableBuilder ReadHeader()
    {
        var start = _values.At;
        var isList = text.AsSpan(start).StartsWith("[[");
        _values.At += isList ? 2 : 1;
        var keys = _values.ReadKeys();
        _values.Expect(isList ? "]]" : "]");
        var table = _root;
        foreach (var (key, at) in keys.SkipLast(1))
            table = Open(table, key, at);
        var last = keys[^1];
        var added = isList ? AddToList(table, last.Key, last.Start) : Open(table, last.Key, last.Start);
        if (added.HeaderEnd is not null)
            throw new DocumentException(start, "this table is written twice");
        added.HeaderEnd = _values.At;
        added.Cover(start, _values.At);
        return added;
    }

    private TomlTableBuilder ReadPair(TomlTableBuilder table, int line)
    {
        var keys = _values.ReadKeys();
        _values.Expect("=");
        var value = _values.ReadValue(0);
        table.Cover(line, _values.At);
        AddPair(table, keys, value, line);
        return table;
    }

    /// <summary>Adds a pair, whose key may have dots.</summary>
    public static void AddPair(TomlTableBuilder table, List<(string Key, int Start)> keys, Node value, int line, bool isInline = false)
    {
        foreach (var (key, at) in keys.SkipLast(1))
        {
            table = Open(table, key, at, isInline);
            table.Cover(line, value.End);
        }
        var (name, start) = keys[^1];
        if (table.Find(name) is not null)
            throw new DocumentException(start, "this key is written twice");
        table.Add(name, start, value);
    }

    private static TomlTableBuilder Open(TomlTableBuilder table, string key, int at, bool isInline = false)
    {
        switch (table.Find(key))
        {
            case null:
                var added = new TomlTableBuilder([.. table.Path, key], isInline);
                table.Add(key, at, added);
                return added;
            case TomlTableBuilder found:
                return found;
            case List<TomlTableBuilder> list:
                return list[^1];
            default:
                throw new DocumentException(at, "this key already has a value that is no table");
        }
    }

    private static TomlTableBuilder AddToList(TomlTableBuilder table, string key, int at)
    {
        var added = new TomlTableBuilder([.. table.Path, key]);
        switch (table.Find(key))
        {
            case null:
                table.Add(key, at, new List<TomlTableBuilder> { added });
                return added;
            case List<TomlTableBuilder> list:
                list.Add(added);
                return added;
            default:
                throw new DocumentException(at, "this key already has a value that is no list of tables");
        }
    }
}
