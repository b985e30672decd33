namespace Oktsec.Clients.Documents;

/// <summary>YAML: blocks by indentation, and flow style in brackets.</summary>
internal sealed class YamlFormat : DocumentFormat
{
    private const string Unit = "  ";

    public override Node Parse(string text) => YamlReader.Read(text);

    public override Splice Add(Document document, MapNode map, string key, Node value, Member? after)
    {
        var text = document.Text;
        if (IsFlow(text, map))
            return BracketEdits.Add(map, after, FlowPair(key, value));
        if (map.Members.Count == 0)
            return new Splice(text.Length, text.Length, (text.Length > 0 && text[^1] != '\n' ? document.Newline : "") + Pair(document, key, value, "") + document.Newline);
        var indent = Spaces(text, map.Members[0].Start);
        var end = LineEnd(text, (after ?? map.Members[^1]).Value.End);
        return new Splice(end, end, document.Newline + indent + Pair(document, key, value, indent));
    }

    public override Splice Remove(Document document, MapNode map, Member member)
    {
        var text = document.Text;
        if (IsFlow(text, map))
            return BracketEdits.Remove(document, map, member);
        // The first key of a list's item stands behind the dash, which stays.
        if (IndentOf(text, member.Start) is null && map.Members.Count > 1)
            return new Splice(member.Start, map.Members[1].Start, "");
        var (start, end) = (LineStart(text, member.Start), LineEnd(text, member.Value.End));
        if (end < text.Length)
            return new Splice(start, text.IndexOf('\n', end) + 1, "");
        return new Splice(start == 0 ? 0 : start - (text.AsSpan(0, start).EndsWith("\r\n") ? 2 : 1), end, "");
    }

    public override Splice? Exchange(Document document, MapNode map, Member member, IReadOnlyList<(string Key, Node Value)> members)
    {
        var text = document.Text;
        if (IsFlow(text, map))
            return new Splice(member.Start, member.Value.End, string.Join(", ", members.Select(m => FlowPair(m.Key, m.Value))));
        var indent = Spaces(text, member.Start);
        return new Splice(member.Start, member.Value.End, string.Join(document.Newline + indent, members.Select(m => Pair(document, m.Key, m.Value, indent))));
    }

    public override Splice InsertFirst(Document document, ListNode list, IReadOnlyList<Node> items)
    {
        var text = document.Text;
        if (IsFlow(text, list))
            return BracketEdits.InsertFirst(document, list, IndentOf(text, list.Items[0].Start), items.Select(Write));
        var dash = DashOf(text, list.Items[0]);
        return new Splice(dash, dash, string.Concat(items.Select(i => "- " + Write(i) + document.Newline + Spaces(text, dash))));
    }

    public override Splice RemoveFirst(Document document, ListNode list, int count) =>
        IsFlow(document.Text, list)
            ? BracketEdits.RemoveFirst(list, count)
            : new Splice(DashOf(document.Text, list.Items[0]), DashOf(document.Text, list.Items[count]), "");

    protected override string Write(Node value) => value switch
    {
        ListNode list => "[" + string.Join(", ", list.Items.Select(Write)) + "]",
        MapNode { Members.Count: 0 } => "{}",
        MapNode map => "{ " + string.Join(", ", map.Members.Select(m => FlowPair(m.Key, m.Value))) + " }",
        TextNode text => YamlText.Write(text.Value),
        WordNode word => word.Word,
        _ => throw new InvalidOperationException("no other nodes"),
    };

    private string FlowPair(string key, Node value) => YamlText.Write(key) + ": " + Write(value);

    // A map is written as a block, as people write them.
    private string Pair(Document document, string key, Node value, string indent)
    {
        if (value is not MapNode { Members.Count: > 0 } map)
            return FlowPair(key, value);
        var inner = document.Newline + indent + Unit;
        return YamlText.Write(key) + ":" + string.Concat(map.Members.Select(m => inner + Pair(document, m.Key, m.Value, indent + Unit)));
    }

    private static bool IsFlow(string text, Node node) => node.Start < text.Length && text[node.Start] is '{' or '[';

    private static string Spaces(string text, int at) => new(' ', at - LineStart(text, at));

    private static int DashOf(string text, Node item)
    {
        var at = item.Start - 1;
        while (at > 0 && text[at] is ' ' or '\t' or '\r' or '\n')
            at--;
        return at >= 0 && text[at] == '-' ? at : throw new DocumentException(item.Start, "the dash of this item is not where it should be");
    }
}
