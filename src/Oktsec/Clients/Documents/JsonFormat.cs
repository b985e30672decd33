namespace Oktsec.Clients.Documents;

/// <summary>JSON with comments. A new member takes the look of its siblings.</summary>
internal sealed class JsonFormat : DocumentFormat
{
    public override Node Parse(string text) => new JsonReader(text).ReadDocument();

    public override Splice Add(Document document, MapNode map, string key, Node value, Member? after)
    {
        var look = LookOf(document, map);
        if (map.Members.Count == 0)
            return new Splice(map.Start, map.End, look.Around(Spell(key, value, look)));
        // Directly behind the value: whatever follows it, a comma or none, is right behind the new one too.
        var end = (after ?? map.Members[^1]).Value.End;
        return new Splice(end, end, "," + look.Lead + Spell(key, value, look));
    }

    public override Splice Remove(Document document, MapNode map, Member member) => BracketEdits.Remove(document, map, member);

    public override Splice? Exchange(Document document, MapNode map, Member member, IReadOnlyList<(string Key, Node Value)> members)
    {
        var look = LookOf(document, map);
        return new Splice(member.Start, member.Value.End, string.Join("," + look.Lead, members.Select(m => Spell(m.Key, m.Value, look))));
    }

    public override Splice InsertFirst(Document document, ListNode list, IReadOnlyList<Node> items) =>
        BracketEdits.InsertFirst(document, list, IndentOf(document.Text, list.Items[0].Start), items.Select(Write));

    public override Splice RemoveFirst(Document document, ListNode list, int count) => BracketEdits.RemoveFirst(list, count);

    protected override string Write(Node value) => value switch
    {
        ListNode list => "[" + string.Join(", ", list.Items.Select(Write)) + "]",
        MapNode { Members.Count: 0 } => "{}",
        MapNode map => "{ " + string.Join(", ", map.Members.Select(m => NodeText.Quoted(m.Key) + ": " + Write(m.Value))) + " }",
        TextNode text => NodeText.Quoted(text.Value),
        WordNode word => word.Word,
        _ => throw new InvalidOperationException("no other nodes"),
    };

    private string Spell(string key, Node value, Look look) => NodeText.Quoted(key) + look.Colon + Write(value, look);

    // A map under a key of its own line is written on lines too, so that a person reads it as the rest of the file.
    private string Write(Node value, Look look) =>
        value is MapNode { Members.Count: > 0 } map && look.Inner is { } inner
            ? inner.Around(string.Join("," + inner.Lead, map.Members.Select(m => Spell(m.Key, m.Value, inner))))
            : Write(value);

    private static Look LookOf(Document document, MapNode map)
    {
        var text = document.Text;
        var unit = document.Root is MapNode { Members: [var first, ..] } && IndentOf(text, first.Start) is { Length: > 0 } indent ? indent : "  ";
        if (map.Members.Count == 0)
            return Look.OfLines(document.Newline, LineIndent(text, map.Start) + unit, unit, ": ");
        var member = map.Members[0];
        var colon = text[EndOfKey(text, member)..member.Value.Start];
        if (!colon.AsSpan().Trim(" \t:").IsEmpty)
            colon = ": ";
        return IndentOf(text, member.Start) is { } own
            ? Look.OfLines(document.Newline, own, unit, colon)
            : new Look(colon == ":" ? "" : " ", "", colon, null);
    }

    private static int EndOfKey(string text, Member member)
    {
        var at = member.Start + 1;
        while (text[at] != '"')
            at += text[at] == '\\' ? 2 : 1;
        return at + 1;
    }

    private static string LineIndent(string text, int at)
    {
        var start = LineStart(text, at);
        var end = start;
        while (end < at && text[end] is ' ' or '\t')
            end++;
        return text[start..end];
    }

    /// <param name="Lead">What stands between a comma and the next member.</param>
    /// <param name="Tail">What stands before the closing brace.</param>
    /// <param name="Colon">What stands between key and value.</param>
    /// <param name="Inner">The same one level down; null: everything on one line.</param>
    private sealed record Look(string Lead, string Tail, string Colon, Look? Inner)
    {
        public static Look OfLines(string newline, string indent, string unit, string colon, bool isInner = false)
        {
            var outer = indent.EndsWith(unit, StringComparison.Ordinal) ? indent[..^unit.Length] : "";
            return new Look(newline + indent, newline + outer, colon, isInner ? null : OfLines(newline, indent + unit, unit, colon, isInner: true));
        }

        public string Around(string members) => "{" + Lead + members + Tail + "}";
    }
}
