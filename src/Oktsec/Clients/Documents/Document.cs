namespace Oktsec.Clients.Documents;

/// <summary>The text of a client's file, read; every change gives a new one. What a change does not mean stays as it was, character by character.</summary>
/// <remarks>
/// Each change is one splice, and proves itself: the new text is read again, and its value must be the old value with exactly that change.
/// A text that is too odd for that is refused, never guessed at.
/// </remarks>
internal sealed class Document
{
    private readonly DocumentFormat _format;

    private Document(DocumentFormat format, string text, Node root)
    {
        (_format, Text, Root) = (format, text, root);
        Newline = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
    }

    public string Text { get; }

    public Node Root { get; }

    /// <summary>How lines end in it.</summary>
    public string Newline { get; }

    /// <exception cref="DocumentException">The text is not of the format.</exception>
    public static Document Parse(DocumentFormat format, string text) => new(format, text, format.Parse(text));

    /// <summary>The value at a path of keys and list indexes; null when there is none.</summary>
    /// <exception cref="DocumentException">A key on the way is written twice.</exception>
    public Node? Find(params IReadOnlyList<string> path) => NodePath.Find(Root, path);

    /// <summary>Writes a value in place of another one, or adds the key at the end of its map.</summary>
    public Document Set(IReadOnlyList<string> path, Node value) => Set(path, value, after: null);

    /// <param name="after">The key behind which a new one stands; null: at the end.</param>
    public Document Set(IReadOnlyList<string> path, Node value, string? after)
    {
        var splice = Find(path) is { } old ? _format.Replace(this, old, value) : AddTo(path, value, after);
        return Spliced(splice, NodePath.With(Root, path, value));
    }

    /// <summary>Writes other members in the place of one.</summary>
    public Document Exchange(IReadOnlyList<string> path, params IReadOnlyList<(string Key, Node Value)> members)
    {
        var (map, member) = MemberAt(path);
        var expected = NodePath.Exchanged(Root, path, members);
        if (_format.Exchange(this, map, member, members) is { } splice)
            return Spliced(splice, expected);
        // A table of its own, as TOML has them: it goes, and what replaces it is written with its siblings.
        var document = Remove(path);
        foreach (var (key, value) in members)
            document = document.Set([.. path.Take(path.Count - 1), key], value);
        return document;
    }

    public Document Remove(IReadOnlyList<string> path)
    {
        var (map, member) = MemberAt(path);
        return Spliced(_format.Remove(this, map, member), NodePath.Exchanged(Root, path, []));
    }

    /// <summary>Puts texts before all items of a list.</summary>
    public Document InsertFirst(IReadOnlyList<string> path, IReadOnlyList<string> items) => InsertFirst(path, Node.OfList(items).Items);

    /// <summary>Puts values before all items of a list.</summary>
    public Document InsertFirst(IReadOnlyList<string> path, IReadOnlyList<Node> items)
    {
        var list = ListAt(path);
        var all = new ListNode(0, 0, [.. items, .. list.Items]);
        var splice = list.Items.Count == 0 ? _format.Replace(this, list, all) : _format.InsertFirst(this, list, items);
        return Spliced(splice, NodePath.With(Root, path, all));
    }

    /// <summary>Takes the first items out of a list.</summary>
    public Document RemoveFirst(IReadOnlyList<string> path, int count)
    {
        var list = ListAt(path);
        var rest = new ListNode(0, 0, [.. list.Items.Skip(count)]);
        var splice = count >= list.Items.Count ? _format.Replace(this, list, rest) : _format.RemoveFirst(this, list, count);
        return Spliced(splice, NodePath.With(Root, path, rest));
    }

    /// <summary>Takes one item out of a list in brackets.</summary>
    public Document RemoveItem(IReadOnlyList<string> path, int index)
    {
        var list = ListAt(path);
        var rest = new ListNode(0, 0, [.. list.Items.Where((_, i) => i != index)]);
        return Spliced(rest.Items.Count == 0 ? _format.Replace(this, list, rest) : DocumentFormat.RemoveItem(list, index), NodePath.With(Root, path, rest));
    }

    /// <summary>Puts the text of a value from another version of the same file in the place of a value.</summary>
    public Document Restore(IReadOnlyList<string> path, Document from, Node value)
    {
        var old = Find(path) ?? throw new DocumentException(0, "the value is gone");
        return Spliced(new Splice(old.Start, old.End, from.Text[value.Start..value.End]), NodePath.With(Root, path, value));
    }

    /// <summary>The characters of a value.</summary>
    public string TextOf(Node node) => Text[node.Start..node.End];

    /// <summary>Line and column of a character, from 1.</summary>
    public static (int Line, int Column) PlaceOf(string text, int at)
    {
        var before = text.AsSpan(0, Math.Clamp(at, 0, text.Length));
        return (before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
    }

    private Splice AddTo(IReadOnlyList<string> path, Node value, string? after)
    {
        if (Find([.. path.Take(path.Count - 1)]) is not MapNode map)
            throw new DocumentException(0, $"there is no place for \"{path[^1]}\"");
        return _format.Add(this, map, path[^1], value, after is null ? null : map.Find(after));
    }

    private (MapNode Map, Member Member) MemberAt(IReadOnlyList<string> path) =>
        Find([.. path.Take(path.Count - 1)]) is MapNode map && map.Find(path[^1]) is { } member
            ? (map, member)
            : throw new DocumentException(0, $"\"{path[^1]}\" is gone");

    private ListNode ListAt(IReadOnlyList<string> path) =>
        Find(path) as ListNode ?? throw new DocumentException(0, $"\"{path[^1]}\" is no list");

    private Document Spliced(Splice splice, Node expected)
    {
        var text = string.Concat(Text.AsSpan(0, splice.Start), splice.Text, Text.AsSpan(splice.End));
        var changed = Parse(_format, text);
        return changed.Root.Canonical() == expected.Canonical()
            ? changed
            : throw new DocumentException(splice.Start, "this is written in a way that cannot be changed safely; write it more plainly");
    }
}

/// <summary>One change of a text: what stands between two indexes becomes something else.</summary>
internal readonly record struct Splice(int Start, int End, string Text);
