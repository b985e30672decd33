namespace Oktsec.Clients.Documents;

/// <summary>A value in the text of a client's file, and where it stands; a value that is about to be written stands nowhere.</summary>
/// <param name="Start">Index of its first character.</param>
/// <param name="End">Index after its last.</param>
internal abstract record Node(int Start, int End)
{
    public static TextNode OfText(string value) => new(0, 0, value);

    public static WordNode OfWord(string word) => new(0, 0, word);

    public static ListNode OfList(IEnumerable<string> items) => new(0, 0, [.. items.Select(OfText)]);

    public static MapNode OfMap(IEnumerable<(string Key, Node Value)> members) => new(0, 0, [.. members.Select(m => new Member(m.Key, 0, m.Value))]);

    /// <summary>The value alone, spelled in one way: equal values have equal texts, in whatever format and order they were written.</summary>
    public string Canonical()
    {
        var text = new System.Text.StringBuilder();
        NodeText.Append(this, text);
        return text.ToString();
    }
}

/// <summary>A text.</summary>
internal sealed record TextNode(int Start, int End, string Value) : Node(Start, End);

/// <summary>What is no text: a number, a truth value, null, a date.</summary>
internal sealed record WordNode(int Start, int End, string Word) : Node(Start, End);

internal sealed record ListNode(int Start, int End, IReadOnlyList<Node> Items) : Node(Start, End);

internal record MapNode(int Start, int End, IReadOnlyList<Member> Members) : Node(Start, End)
{
    /// <summary>The value of a key; null when it is absent.</summary>
    public Node? this[string key] => Find(key)?.Value;

    /// <exception cref="DocumentException">The key is written twice: clients differ in which of the two counts.</exception>
    public Member? Find(string key)
    {
        Member? found = null;
        foreach (var member in Members)
        {
            if (member.Key != key)
                continue;
            if (found is not null)
                throw new DocumentException(member.Start, $"\"{key}\" is written twice; remove one of the two");
            found = member;
        }
        return found;
    }

    public string? TextOf(string key) => (this[key] as TextNode)?.Value;

    public bool IsTrue(string key) => this[key] is WordNode { Word: "true" };

    public bool IsFalse(string key) => this[key] is WordNode { Word: "false" };
}

/// <summary>A key with its value.</summary>
/// <param name="Start">Where the key starts.</param>
internal sealed record Member(string Key, int Start, Node Value);
