namespace Oktsec.Clients.Documents;

/// <summary>TOML: tables on lines of their own, and inline tables.</summary>
internal sealed class TomlFormat : DocumentFormat
{
    public override Node Parse(string text) => new TomlReader(text).ReadDocument();

    public override Splice Add(Document document, MapNode map, string key, Node value, Member? after)
    {
        if (map is not TomlTable table)
            return BracketEdits.Add(map, after, Pair(key, value));
        if (value is MapNode section && (table.HeaderEnd is null || table.Members.Any(m => m.Value is TomlTable { HeaderEnd: not null })))
            return AddTable(document, table, [.. table.Path, key], section);
        if ((after?.Value is TomlTable ? null : after) is { } given || IsPair(table, out given))
        {
            var start = LineStart(document.Text, given.Start);
            var end = LineEnd(document.Text, given.Value.End);
            return new Splice(end, end, document.Newline + document.Text[start..given.Start] + Pair(key, value));
        }
        if (table.HeaderEnd is { } header)
        {
            var end = LineEnd(document.Text, header);
            return new Splice(end, end, document.Newline + Pair(key, value));
        }
        return table.Path.Count == 0
            ? new Splice(0, 0, Pair(key, value) + document.Newline)
            : throw new DocumentException(table.Start, "there is no line behind which a key can stand");
    }

    public override Splice Remove(Document document, MapNode map, Member member)
    {
        if (map is not TomlTable)
            return BracketEdits.Remove(document, map, member);
        var text = document.Text;
        var start = LineStart(text, member.Value is TomlTable ? member.Value.Start : member.Start);
        var end = LineEnd(text, member.Value.End);
        // With the line break behind it; the last line of a file without one takes the break before it.
        if (end < text.Length)
            return new Splice(start, text.IndexOf('\n', end) + 1, "");
        return new Splice(start == 0 ? 0 : start - (text.AsSpan(0, start).EndsWith("\r\n") ? 2 : 1), end, "");
    }

    public override Splice? Exchange(Document document, MapNode map, Member member, IReadOnlyList<(string Key, Node Value)> members)
    {
        if (member.Value is TomlTable)
            return null;
        var lead = map is TomlTable ? document.Newline + document.Text[LineStart(document.Text, member.Start)..member.Start] : ", ";
        return new Splice(member.Start, member.Value.End, string.Join(lead, members.Select(m => Pair(m.Key, m.Value))));
    }

    public override Splice InsertFirst(Document document, ListNode list, IReadOnlyList<Node> items) =>
        BracketEdits.InsertFirst(document, list, IndentOf(document.Text, list.Items[0].Start), items.Select(Write));

    public override Splice RemoveFirst(Document document, ListNode list, int count) => BracketEdits.RemoveFirst(list, count);

    protected override string Write(Node value) => value switch
    {
        ListNode list => "[" + string.Join(", ", list.Items.Select(Write)) + "]",
        MapNode { Members.Count: 0 } => "{}",
        MapNode map => "{ " + string.Join(", ", map.Members.Select(m => Pair(m.Key, m.Value))) + " }",
        TextNode text => TomlText.Write(text.Value),
        WordNode word => word.Word,
        _ => throw new InvalidOperationException("no other nodes"),
    };

    private string Pair(string key, Node value) => TomlText.WriteKey(key) + " = " + Write(value);

    // Behind the tables that are its siblings, or at the end of the file.
    private Splice AddTable(Document document, TomlTable parent, IReadOnlyList<string> path, MapNode value)
    {
        var newline = document.Newline;
        var end = parent.End == 0 ? document.Text.Length : LineEnd(document.Text, parent.End);
        var lines = $"[{string.Join('.', path.Select(TomlText.WriteKey))}]" + newline + string.Join(newline, value.Members.Select(m => Pair(m.Key, m.Value)));
        return end == 0
            ? new Splice(0, 0, lines + newline)
            : new Splice(end, end, newline + newline + lines + (end == document.Text.Length ? newline : ""));
    }

    private static bool IsPair(TomlTable table, out Member last)
    {
        last = table.Members.LastOrDefault(m => m.Value is not TomlTable and not ListNode { Items: [TomlTable, ..] })!;
        return last is not null;
    }
}
