using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Oktsec.Core.Configuration.Yaml;

/// <summary>YAML text to a tree with the place of every key and value. One document, text keys, no tags, bounded in every direction.</summary>
internal sealed class YamlTreeReader
{
    // Our deepest key is five levels down; the rest is room for values that are only carried.
    public const int MaxDepth = 32;

    // Values after aliases are expanded. 100,000 is some hundred times the largest real file seen (1,000 agents with 20 tools each fit);
    // nine lines of nested aliases ("billion laughs") reach 10^9.
    public const int MaxValues = 100_000;

    // The longest name allowed in a file is an agent's, 128.
    private const int MaxKeyLength = 256;

    private readonly Parser _parser;
    private readonly ProblemList _problems;
    private readonly Dictionary<string, Anchored> _anchors = [];
    private int _values;

    private YamlTreeReader(string text, ProblemList problems)
    {
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
        _problems = problems;
    }

    /// <summary>The document's value, or null when there is none. Duplicate keys are reported, all else that is wrong throws.</summary>
    /// <exception cref="YamlFault">The text is not YAML, or more than we read.</exception>
    public static YamlValue? Read(string text, ProblemList problems)
    {
        try
        {
            return new YamlTreeReader(text, problems).ReadStream();
        }
        catch (YamlException e)
        {
            throw YamlSyntax.Explain(text, e);
        }
    }

    private YamlValue? ReadStream()
    {
        Next<StreamStart>();
        if (!Is<DocumentStart>())
            return null;
        Advance();
        var root = ReadValue(KeyPath.Root, 0, out _);
        Next<DocumentEnd>();
        if (Is<DocumentStart>())
            throw new YamlFault(At(_parser.Current!), KeyPath.Root, "a second document starts here", "remove the line ---: one file is one document");
        return root;
    }

    private YamlValue ReadValue(KeyPath path, int depth, out int height)
    {
        height = 0;
        var current = _parser.Current ?? throw new YamlFault(default, path, "the file ends in the middle of a value");
        if (current is AnchorAlias alias)
            return Follow(alias, path, depth, out height);
        if (current is not NodeEvent node)
            throw new YamlFault(At(current), path, "a value is missing here");
        Count(1, At(node), path);
        // `"text"` carries the non-specific tag "!" in no stream of ours; anything written with an exclamation mark is refused.
        if (!node.Tag.IsEmpty)
            throw new YamlFault(At(node), path, "tags (!, !!) are not read", "write the value without the tag");
        if (depth == MaxDepth)
            throw new YamlFault(At(node), path, $"more than {MaxDepth} levels deep");
        var before = _values - 1;
        if (!node.Anchor.IsEmpty)
            _anchors[node.Anchor.Value] = Anchored.Open;
        YamlValue value = node switch
        {
            Scalar scalar => ReadText(scalar),
            SequenceStart start => ReadList(start, path, depth, out height),
            MappingStart start => ReadMap(start, path, depth, out height),
            _ => throw new YamlFault(At(node), path, "a value is missing here"),
        };
        if (!node.Anchor.IsEmpty)
            _anchors[node.Anchor.Value] = new Anchored(value, _values - before, height);
        return value;
    }

    private YamlText ReadText(Scalar scalar)
    {
        Advance();
        return new YamlText(At(scalar), scalar.Value, scalar.Style == ScalarStyle.Plain);
    }

    private YamlList ReadList(SequenceStart start, KeyPath path, int depth, out int height)
    {
        Advance();
        height = 0;
        var items = new List<YamlValue>();
        while (!Is<SequenceEnd>())
        {
            items.Add(ReadValue(path.Then(items.Count), depth + 1, out var itemHeight));
            height = Math.Max(height, itemHeight + 1);
        }
        Advance();
        return new YamlList(At(start), items);
    }

    private YamlMap ReadMap(MappingStart start, KeyPath path, int depth, out int height)
    {
        Advance();
        height = 0;
        var entries = new List<YamlEntry>();
        var seen = new Dictionary<string, Mark>(StringComparer.Ordinal);
        while (!Is<MappingEnd>())
        {
            var (key, mark) = ReadKey(path);
            var value = ReadValue(path.Then(key), depth + 1, out var valueHeight);
            height = Math.Max(height, valueHeight + 1);
            if (seen.TryAdd(key, mark))
                entries.Add(new YamlEntry(key, mark, value));
            else
                _problems.Error(mark, path.Then(key).ToString(), $"is already written in line {seen[key].Line}", "keep one of the two");
        }
        Advance();
        return new YamlMap(At(start), entries);
    }

    private (string Key, Mark Mark) ReadKey(KeyPath path)
    {
        var current = _parser.Current!;
        if (current is not Scalar { Tag.IsEmpty: true, Anchor.IsEmpty: true } scalar)
            throw new YamlFault(At(current), path, "a key must be plain text");
        if (scalar.Value.Length > MaxKeyLength)
            throw new YamlFault(At(current), path, $"a key is longer than {MaxKeyLength} characters");
        if (scalar.Value == "<<")
            throw new YamlFault(At(current), path, "merge keys (<<) are not read", "write the keys out, or use an alias for the whole value");
        Advance();
        Count(1, At(scalar), path);
        return (scalar.Value, At(scalar));
    }

    private YamlValue Follow(AnchorAlias alias, KeyPath path, int depth, out int height)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var anchored))
            throw new YamlFault(At(alias), path, $"no anchor &{alias.Value.Value} stands before this alias");
        if (anchored.Value is null)
            throw new YamlFault(At(alias), path, "this alias stands inside the value it refers to");
        height = anchored.Height;
        if (depth + height >= MaxDepth)
            throw new YamlFault(At(alias), path, $"more than {MaxDepth} levels deep");
        Count(anchored.Size, At(alias), path);
        Advance();
        return anchored.Value;
    }

    private void Count(int added, Mark mark, KeyPath path)
    {
        _values += added;
        if (_values > MaxValues)
            throw new YamlFault(mark, path, $"more than {MaxValues} values (aliases counted each time they are used)");
    }

    private bool Is<T>()
        where T : ParsingEvent
    {
        if (_parser.Current is null)
            Advance();
        return _parser.Current is T;
    }

    private void Next<T>()
        where T : ParsingEvent
    {
        if (!Is<T>())
            throw new YamlFault(_parser.Current is null ? default : At(_parser.Current), KeyPath.Root, "the document does not end here as it should");
        Advance();
    }

    private void Advance()
    {
        var before = _parser.Current;
        try
        {
            _parser.MoveNext();
        }
        // The library's slips on odd text (a line that begins with "{" and a word, a plain "a" inside it): an error of the file, not a crash.
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException)
        {
            throw new YamlFault(before is null ? new Mark(1, 1) : At(before), KeyPath.Root, "not valid YAML: what follows here cannot be read", "check the indentation and the quotes");
        }
    }

    private static Mark At(ParsingEvent e) => YamlSyntax.MarkOf(e.Start);

    private readonly record struct Anchored(YamlValue? Value, int Size, int Height)
    {
        public static readonly Anchored Open = new(null, 0, 0);
    }
}
