using System.Globalization;

namespace Oktsec.Clients.Documents;

/// <summary>Finds and changes values by a path of keys and list indexes. Values only: nothing here knows where they stand.</summary>
internal static class NodePath
{
    public static Node? Find(Node root, IReadOnlyList<string> path)
    {
        Node? node = root;
        foreach (var step in path)
        {
            node = node switch
            {
                MapNode map => map[step],
                ListNode list => IndexOf(list, step) is { } i ? list.Items[i] : null,
                _ => null,
            };
        }
        return node;
    }

    /// <summary>The value with another one at the path; a key that is absent is added.</summary>
    public static Node With(Node root, IReadOnlyList<string> path, Node value) => Changed(root, path, 0, members: null, value);

    /// <summary>The value with other members in the place of the one at the path; with none it is removed.</summary>
    public static Node Exchanged(Node root, IReadOnlyList<string> path, IReadOnlyList<(string Key, Node Value)> members) => Changed(root, path, 0, members, value: null);

    private static Node Changed(Node node, IReadOnlyList<string> path, int depth, IReadOnlyList<(string Key, Node Value)>? members, Node? value)
    {
        if (depth == path.Count)
            return value!;
        var step = path[depth];
        if (node is ListNode list && IndexOf(list, step) is { } i)
            return new ListNode(0, 0, [.. list.Items.Take(i), Changed(list.Items[i], path, depth + 1, members, value), .. list.Items.Skip(i + 1)]);
        if (node is not MapNode map)
            throw new DocumentException(node.Start, $"there is no place for \"{step}\"");
        var old = map.Find(step);
        IEnumerable<Member> replaced =
            members is not null && depth == path.Count - 1 ? members.Select(m => new Member(m.Key, 0, m.Value))
            : old is null ? [new Member(step, 0, value!)]
            : [new Member(step, 0, Changed(old.Value, path, depth + 1, members, value))];
        return new MapNode(0, 0, [.. map.Members.Where(m => !ReferenceEquals(m, old)), .. replaced]);
    }

    private static int? IndexOf(ListNode list, string step) =>
        int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < list.Items.Count ? i : null;
}
