namespace Oktsec.Clients.Documents;

/// <summary>Splices between brackets and braces, which JSON, TOML and YAML's flow style share.</summary>
internal static class BracketEdits
{
    public static Splice Add(MapNode map, Member? after, string pair)
    {
        if (map.Members.Count == 0)
            return new Splice(map.Start, map.End, "{ " + pair + " }");
        var end = (after ?? map.Members[^1]).Value.End;
        return new Splice(end, end, ", " + pair);
    }

    /// <summary>Takes a member out with its comma. Comments beside it stay.</summary>
    public static Splice Remove(Document document, MapNode map, Member member)
    {
        var (text, members, i) = (document.Text, map.Members, 0);
        while (!ReferenceEquals(members[i], member))
            i++;
        if (i > 0)
        {
            var (start, end) = (members[i - 1].Value.End, member.Value.End);
            var between = text[start..member.Start];
            var comma = between.IndexOf(',', StringComparison.Ordinal);
            return new Splice(start, end, IsBlank(between) ? "" : between.Remove(comma, 1).TrimEnd(' ', '\t'));
        }
        if (members.Count > 1)
            return new Splice(member.Start, members[1].Start, "");
        var after = text[member.Value.End..(map.End - 1)];
        return IsBlank(text[(map.Start + 1)..member.Start] + after)
            ? new Splice(map.Start + 1, map.End - 1, "")
            : new Splice(member.Start, member.Value.End + (after.StartsWith(',') ? 1 : 0), "");
    }

    private static bool IsBlank(string between) => between.AsSpan().Trim(" \t\r\n,").IsEmpty;

    /// <param name="indent">What stands before the first item on its line, when nothing else does.</param>
    public static Splice InsertFirst(Document document, ListNode list, string? indent, IEnumerable<string> items)
    {
        var first = list.Items[0].Start;
        var isCompact = list.Items.Count > 1 && document.Text[list.Items[0].End..list.Items[1].Start] == ",";
        var lead = indent is not null ? document.Newline + indent : isCompact ? "" : " ";
        return new Splice(first, first, string.Concat(items.Select(i => i + "," + lead)));
    }

    public static Splice RemoveFirst(ListNode list, int count) => new(list.Items[0].Start, list.Items[count].Start, "");
}
