using System.Text;

namespace Oktsec.Scanning.Rules.Yaml;

/// <summary>
/// Reads the YAML that rule files are written in: block and flow mappings and lists, plain, quoted and block text, several documents. Anchors, aliases
/// and tags are refused. A general YAML library takes longer over the rule pack than the whole program may take to start.
/// </summary>
internal sealed class YamlReader
{
    // Rules nest four deep; deeper nesting in a file from elsewhere must not end in a stack overflow.
    private const int MaxDepth = 64;

    private readonly string text;
    private readonly YamlScalars scalars;
    private int at;
    private int depth;

    private YamlReader(string text)
    {
        this.text = text;
        scalars = new YamlScalars(text);
    }

    /// <summary>The documents of a file.</summary>
    /// <exception cref="YamlException">Not such YAML.</exception>
    public static List<YamlNode> Read(string text)
    {
        var reader = new YamlReader(text.Replace("\r\n", "\n").TrimStart('\uFEFF'));
        var documents = new List<YamlNode>();
        while (reader.at < reader.text.Length)
        {
            reader.SkipMarkers();
            if (reader.NextContent() is >= 0 and var indent)
                documents.Add(reader.Block(indent));
            if (reader.at < reader.text.Length && !reader.IsMarker())
                throw reader.Fault("text that belongs to nothing; check the indentation");
        }
        return documents;
    }

    private YamlException Fault(string message) => scalars.Fault(at, message);

    private int Column => at - (text.LastIndexOf('\n', Math.Max(0, at - 1), Math.Max(0, at)) + 1);

    private bool IsMarker() =>
        Column == 0 && at + 3 <= text.Length && (text.AsSpan(at, 3) is "---" or "...") && (at + 3 == text.Length || text[at + 3] is '\n' or ' ');

    private void SkipMarkers()
    {
        while (NextContentOrMarker() && IsMarker())
            at += 3;
    }

    // To the first character of the next line with content, or to a document's end: the column, or -1.
    private int NextContent()
    {
        if (!NextContentOrMarker() || IsMarker())
            return -1;
        if (text.AsSpan(at - Column, Column).Contains('\t'))
            throw Fault("a tab in the indentation; use blanks");
        return Column;
    }

    private bool NextContentOrMarker()
    {
        while (at < text.Length)
        {
            while (at < text.Length && text[at] is ' ' or '\t')
                at++;
            if (at < text.Length && text[at] == '#')
                at = scalars.LineEnd(at);
            if (at < text.Length && text[at] != '\n')
                return true;
            at++;
        }
        at = text.Length;
        return false;
    }

    // A node that begins at this place; its column is its indentation.
    private YamlNode Block(int indent)
    {
        if (++depth > MaxDepth)
            throw Fault("nested too deeply");
        try
        {
            if (IsDash())
                return List(indent);
            return KeyEnd() >= 0 ? Map(indent) : Value(indent - 1);
        }
        finally
        {
            depth--;
        }
    }

    private bool IsDash() => text[at] == '-' && (at + 1 == text.Length || text[at + 1] is ' ' or '\n');

    private YamlList List(int indent)
    {
        var list = new YamlList(scalars.Line(at));
        do
        {
            at++;
            SkipBlanks();
            if (IsLineOver())
                list.Items.Add(NextContent() is var next && next > indent ? Block(next) : Missing());
            else
                list.Items.Add(Block(Column));
        }
        while (NextContent() == indent && IsDash());
        return list;
    }

    private YamlMap Map(int indent)
    {
        var map = new YamlMap(scalars.Line(at));
        do
        {
            var end = KeyEnd();
            if (end < 0)
                throw Fault("a line without 'key:'");
            var key = Key(end);
            if (map.Get(key.Value) is not null)
                throw Fault($"'{key.Value}' a second time");
            at = end + 1;
            map.Keys.Add(key);
            map.Values.Add(MapValue(indent));
        }
        while (NextContent() == indent && !IsDash());
        return map;
    }

    private YamlNode MapValue(int indent)
    {
        SkipBlanks();
        if (!IsLineOver())
            return Value(indent);
        var start = at;
        var next = NextContent();
        // A list may stand at its key's own indentation.
        if (next > indent || (next == indent && IsDash()))
            return Block(next);
        at = start;
        return Missing();
    }

    private YamlText Missing() => new("", isPlain: true, scalars.Line(Math.Min(at, text.Length)));

    private YamlText Key(int end)
    {
        var line = scalars.Line(at);
        if (text[at] is '"' or '\'')
            return scalars.Quoted(ref at);
        return new YamlText(text[at..end].TrimEnd(), isPlain: true, line);
    }

    // Where the colon of a key stands that begins here, or -1.
    private int KeyEnd()
    {
        if (text[at] is '[' or '{' or '|' or '>' or '#')
            return -1;
        if (text[at] is '&' or '*' or '!' or '?' or '%' or '@' or '`')
            throw Fault("anchors, aliases and tags are not read; write the value out, in quotes if it begins with such a mark");
        var i = at;
        if (text[at] is '"' or '\'')
        {
            scalars.Quoted(ref i);
            while (i < text.Length && text[i] == ' ')
                i++;
            return i < text.Length && text[i] == ':' ? i : -1;
        }
        for (; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == ':' && (i + 1 == text.Length || text[i + 1] is ' ' or '\n'))
                return i;
            if (text[i] == '#' && text[i - 1] == ' ')
                return -1;
        }
        return -1;
    }

    // Text or a flow value; text may go on in lines indented deeper than its parent.
    private YamlNode Value(int parent) => text[at] switch
    {
        '[' or '{' => Flow(),
        '"' or '\'' => scalars.Quoted(ref at),
        '|' or '>' => scalars.BlockText(ref at, parent),
        '&' or '*' or '!' or '%' or '@' or '`' => throw Fault("anchors, aliases and tags are not read; write the value out, in quotes if it begins with such a mark"),
        _ => scalars.Plain(ref at, parent),
    };

    private YamlNode Flow()
    {
        if (++depth > MaxDepth)
            throw Fault("nested too deeply");
        var node = text[at] == '[' ? FlowList() : (YamlNode)FlowMap();
        depth--;
        return node;
    }

    private YamlList FlowList()
    {
        var list = new YamlList(scalars.Line(at++));
        while (FlowNext(']'))
            list.Items.Add(FlowValue());
        return list;
    }

    private YamlMap FlowMap()
    {
        var map = new YamlMap(scalars.Line(at++));
        while (FlowNext('}'))
        {
            if (FlowValue() is not YamlText key)
                throw Fault("a key that is no text");
            SkipFlowBlanks();
            if (at >= text.Length || text[at] != ':')
                throw Fault("':' is missing");
            at++;
            SkipFlowBlanks();
            map.Keys.Add(key);
            map.Values.Add(at < text.Length && text[at] is ',' or '}' ? Missing() : FlowValue());
        }
        return map;
    }

    private YamlNode FlowValue()
    {
        if (at >= text.Length)
            throw Fault("ends too early");
        return text[at] switch
        {
            '[' or '{' => Flow(),
            '"' or '\'' => scalars.Quoted(ref at),
            _ => scalars.FlowPlain(ref at),
        };
    }

    // True when a member follows; past the comma, or past the end.
    private bool FlowNext(char end)
    {
        SkipFlowBlanks();
        if (at < text.Length && text[at] == ',')
        {
            at++;
            SkipFlowBlanks();
        }
        if (at >= text.Length)
            throw Fault($"'{end}' is missing");
        if (text[at] != end)
            return true;
        at++;
        return false;
    }

    private void SkipFlowBlanks()
    {
        while (at < text.Length && (text[at] is ' ' or '\n' or '\t' || (text[at] == '#' && text[at - 1] is ' ' or '\n')))
            at = text[at] == '#' ? scalars.LineEnd(at) : at + 1;
    }

    private void SkipBlanks()
    {
        while (at < text.Length && text[at] is ' ' or '\t')
            at++;
    }

    private bool IsLineOver() => at >= text.Length || text[at] == '\n' || (text[at] == '#' && at > 0 && text[at - 1] is ' ' or '\t');
}
