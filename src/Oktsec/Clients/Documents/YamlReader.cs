using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Oktsec.Clients.Documents;

/// <summary>Reads one YAML document, and says where each value stands.</summary>
internal sealed class YamlReader
{
    private readonly string _text;
    private readonly Parser _parser;

    private YamlReader(string text)
    {
        _text = text;
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
    }

    /// <exception cref="DocumentException">The text is not YAML, or more than we read.</exception>
    public static Node Read(string text)
    {
        var reader = new YamlReader(text);
        try
        {
            return reader.ReadStream();
        }
        catch (YamlException e)
        {
            throw new DocumentException((int)Math.Min(e.Start.Index, text.Length), "not valid YAML from here on");
        }
        // The library's slips on odd text: an error of the file, not a crash.
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException or NullReferenceException)
        {
            throw new DocumentException(reader.At, "not valid YAML from here on");
        }
    }

    private int At => (int)(_parser.Current?.Start.Index ?? 0);

    private Node ReadStream()
    {
        _parser.MoveNext();
        _parser.MoveNext();
        if (_parser.Current is not DocumentStart)
            return new MapNode(_text.Length, _text.Length, []);
        _parser.MoveNext();
        var root = ReadValue(0);
        if (_parser.Current is not DocumentEnd)
            throw new DocumentException(At, "the document should end here");
        _parser.MoveNext();
        if (_parser.Current is not StreamEnd)
            throw new DocumentException(At, "a second document starts here");
        return root is WordNode { Word: "" or "~" or "null" } ? new MapNode(_text.Length, _text.Length, []) : root;
    }

    private Node ReadValue(int depth)
    {
        if (depth == DocumentFormat.MaxDepth)
            throw new DocumentException(At, $"more than {DocumentFormat.MaxDepth} levels deep");
        switch (_parser.Current)
        {
            case AnchorAlias alias:
                _parser.MoveNext();
                return new WordNode((int)alias.Start.Index, (int)alias.End.Index, "*" + alias.Value.Value);
            case Scalar scalar:
                _parser.MoveNext();
                return ReadScalar(scalar);
            // What others refer to is not ours to take apart.
            case NodeEvent { Anchor.IsEmpty: false } anchored:
                var skipped = ReadCollection(depth);
                return new WordNode((int)anchored.Start.Index, skipped.End, "&" + skipped.Canonical());
            default:
                return ReadCollection(depth);
        }
    }

    private Node ReadCollection(int depth) => _parser.Current switch
    {
        SequenceStart start => ReadList(start, depth),
        MappingStart start => ReadMap(start, depth),
        _ => throw new DocumentException(At, "a value is missing here"),
    };

    private ListNode ReadList(SequenceStart start, int depth)
    {
        _parser.MoveNext();
        var items = new List<Node>();
        while (_parser.Current is not SequenceEnd)
            items.Add(ReadValue(depth + 1));
        var end = End(start.Style == SequenceStyle.Flow, items.LastOrDefault());
        return new ListNode((int)start.Start.Index, end, items);
    }

    private MapNode ReadMap(MappingStart start, int depth)
    {
        _parser.MoveNext();
        var members = new List<Member>();
        while (_parser.Current is not MappingEnd)
        {
            if (_parser.Current is not Scalar key)
                throw new DocumentException(At, "a key is a text");
            _parser.MoveNext();
            members.Add(new Member(key.Value, (int)key.Start.Index, ReadValue(depth + 1)));
        }
        var end = End(start.Style == MappingStyle.Flow, members.LastOrDefault()?.Value);
        return new MapNode((int)start.Start.Index, end, members);
    }

    // A block ends with its last value: the parser's own mark stands at whatever comes next.
    private int End(bool isFlow, Node? last)
    {
        // In flow style the bracket is where the event starts; the mark of its end does not always count it.
        var end = !isFlow ? last?.End ?? At : At < _text.Length && _text[At] is ']' or '}' ? At + 1 : (int)_parser.Current!.End.Index;
        _parser.MoveNext();
        return end;
    }

    private Node ReadScalar(Scalar scalar)
    {
        var (start, end) = ((int)scalar.Start.Index, (int)scalar.End.Index);
        while (end > start && char.IsWhiteSpace(_text[end - 1]))
            end--;
        if (!scalar.Tag.IsEmpty || !scalar.Anchor.IsEmpty)
            return new WordNode(start, end, $"!{scalar.Tag} &{scalar.Anchor} {scalar.Value}");
        return scalar.Style == ScalarStyle.Plain && YamlText.IsWord(scalar.Value) ? new WordNode(start, end, scalar.Value) : new TextNode(start, end, scalar.Value);
    }
}
