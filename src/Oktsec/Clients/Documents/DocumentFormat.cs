namespace Oktsec.Clients.Documents;

/// <summary>How one format is read, and which splice makes which change. <see cref="Document"/> proves each splice.</summary>
internal abstract class DocumentFormat
{
    // A client's file is some levels deep; what is deeper is not one, and a reader that calls itself must not run out of stack.
    public const int MaxDepth = 100;

    public static readonly DocumentFormat Json = new JsonFormat();
    public static readonly DocumentFormat Toml = new TomlFormat();
    public static readonly DocumentFormat Yaml = new YamlFormat();

    /// <summary>The format that a file's name says.</summary>
    public static DocumentFormat Of(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".toml" => Toml,
        ".yaml" or ".yml" => Yaml,
        _ => Json,
    };

    /// <exception cref="DocumentException">The text is not of this format.</exception>
    public abstract Node Parse(string text);

    /// <summary>Adds a member that is not there yet behind another one, or behind the last.</summary>
    public abstract Splice Add(Document document, MapNode map, string key, Node value, Member? after);

    public abstract Splice Remove(Document document, MapNode map, Member member);

    /// <summary>Puts members in the place of one; null when this one has no place of its own among its siblings.</summary>
    public abstract Splice? Exchange(Document document, MapNode map, Member member, IReadOnlyList<(string Key, Node Value)> members);

    /// <summary>Puts items before the first of a list that is not empty.</summary>
    public abstract Splice InsertFirst(Document document, ListNode list, IReadOnlyList<Node> items);

    /// <summary>Takes some of the items, not all.</summary>
    public abstract Splice RemoveFirst(Document document, ListNode list, int count);

    /// <summary>Takes one item out of a list in brackets that has others.</summary>
    public static Splice RemoveItem(ListNode list, int i) => i == 0
        ? new Splice(list.Items[0].Start, list.Items[1].Start, "")
        : new Splice(list.Items[i - 1].End, list.Items[i].End, "");

    public virtual Splice Replace(Document document, Node old, Node value) => new(old.Start, old.End, Write(value));

    /// <summary>A value on one line.</summary>
    protected abstract string Write(Node value);

    /// <summary>The spaces and tabs that stand before a place on its line, or null when something else stands there too.</summary>
    protected static string? IndentOf(string text, int at)
    {
        var start = LineStart(text, at);
        var indent = text[start..at];
        return indent.AsSpan().Trim(" \t").IsEmpty ? indent : null;
    }

    protected static int LineStart(string text, int at) => at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;

    /// <summary>Where the line break is that ends the line of a place, or the end of the text.</summary>
    protected static int LineEnd(string text, int at)
    {
        var end = text.IndexOf('\n', at);
        if (end < 0)
            return text.Length;
        return end > at && text[end - 1] == '\r' ? end - 1 : end;
    }
}
