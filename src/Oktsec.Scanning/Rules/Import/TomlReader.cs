using System.Text;

namespace Oktsec.Scanning.Rules.Import;

/// <summary>A table of a TOML file: values are text, truth values and numbers as text, lists and tables.</summary>
internal sealed class TomlTable(int line)
{
    public int Line { get; } = line;

    public Dictionary<string, object> Values { get; } = new(StringComparer.Ordinal);

    public string Text(string key) => Values.GetValueOrDefault(key) as string ?? "";

    public IReadOnlyList<string> Texts(string key) => Values.GetValueOrDefault(key) switch
    {
        List<object> list => [.. list.OfType<string>()],
        string text => [text],
        _ => [],
    };

    /// <summary>The tables of <c>[[key]]</c>, or the one of <c>[key]</c>.</summary>
    public IReadOnlyList<TomlTable> Tables(string key) => Values.GetValueOrDefault(key) switch
    {
        List<object> list => [.. list.OfType<TomlTable>()],
        TomlTable table => [table],
        _ => [],
    };
}

/// <summary>Text that is no TOML of the kind rule files are written in.</summary>
internal sealed class TomlException(int line, string message) : Exception(message)
{
    public int Line { get; } = line;
}

/// <summary>
/// Reads what rule files use of TOML 1.0: tables, lists of tables, dotted keys, the four kinds of text, lists, inline tables, numbers, truth values.
/// Dates are read as their text.
/// </summary>
internal sealed class TomlReader
{
    // Deep nesting would end in a stack overflow, which no caller can catch.
    private const int MaxDepth = 50;

    private readonly string text;
    private int at;
    private int depth;

    private TomlReader(string text) => this.text = text;

    /// <exception cref="TomlException">Not TOML.</exception>
    public static TomlTable Read(string text) => new TomlReader(text.ReplaceLineEndings("\n")).Document();

    private TomlTable Document()
    {
        var root = new TomlTable(1);
        var current = root;
        while (true)
        {
            Blank(withLines: true);
            if (at >= text.Length)
                return root;
            if (text[at] == '[')
                current = Header(root);
            else
                Pair(current);
            Blank(withLines: false);
            if (at < text.Length && text[at] != '\n')
                throw Fault($"'{text[at]}' after a value");
        }
    }

    private TomlTable Header(TomlTable root)
    {
        var isList = text.AsSpan(at).StartsWith("[[");
        at += isList ? 2 : 1;
        var path = Key();
        Expect(isList ? "]]" : "]");
        var parent = Walk(root, path);
        if (!isList)
            return Open(parent, path[^1]);
        if (!parent.Values.TryGetValue(path[^1], out var known))
            parent.Values[path[^1]] = known = new List<object>();
        if (known is not List<object> list)
            throw Fault($"'{path[^1]}' is no list of tables");
        var table = new TomlTable(Line());
        list.Add(table);
        return table;
    }

    // a.b.c: the table that holds c, made where missing. In a list of tables the last one is meant.
    private TomlTable Walk(TomlTable from, List<string> path)
    {
        for (var i = 0; i + 1 < path.Count; i++)
            from = Open(from, path[i]);
        return from;
    }

    private TomlTable Open(TomlTable parent, string key)
    {
        if (!parent.Values.TryGetValue(key, out var known))
            parent.Values[key] = known = new TomlTable(Line());
        return (known is List<object> { Count: > 0 } list ? list[^1] : known) as TomlTable ?? throw Fault($"'{key}' is no table");
    }

    private void Pair(TomlTable table)
    {
        var path = Key();
        Expect("=");
        Blank(withLines: false);
        var value = Value();
        if (!Walk(table, path).Values.TryAdd(path[^1], value))
            throw Fault($"'{string.Join('.', path)}' stands there twice");
    }

    private List<string> Key()
    {
        var path = new List<string>();
        while (true)
        {
            Blank(withLines: false);
            if (at < text.Length && text[at] is '"' or '\'')
            {
                path.Add((string)Text());
            }
            else
            {
                var start = at;
                while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '-'))
                    at++;
                path.Add(at > start ? text[start..at] : throw Fault("a key is missing"));
            }
            Blank(withLines: false);
            if (at >= text.Length || text[at] != '.')
                return path;
            at++;
        }
    }

    private object Value()
    {
        if (at >= text.Length)
            throw Fault("a value is missing");
        if (++depth > MaxDepth)
            throw Fault("nested too deeply");
        object value = text[at] switch
        {
            '"' or '\'' => Text(),
            '[' => List(),
            '{' => Inline(),
            _ => Plain(),
        };
        depth--;
        return value;
    }

    private string Plain()
    {
        var start = at;
        while (at < text.Length && text[at] is not (',' or ']' or '}' or '#' or '\n' or ' ' or '\t'))
            at++;
        var word = text[start..at];
        return word is "true" or "false" or "inf" or "nan" || (word.Length > 0 && (char.IsAsciiDigit(word[0]) || (word.Length > 1 && word[0] is '+' or '-' && char.IsAsciiLetterOrDigit(word[1]))))
            ? word
            : throw Fault("a value is missing; text needs quotes");
    }

    private List<object> List()
    {
        var list = new List<object>();
        at++;
        while (true)
        {
            Blank(withLines: true);
            if (at < text.Length && text[at] == ']')
                break;
            list.Add(Value());
            Blank(withLines: true);
            if (at < text.Length && text[at] == ',')
                at++;
            else if (at >= text.Length || text[at] != ']')
                throw Fault("a list without ']'");
        }
        at++;
        return list;
    }

    private TomlTable Inline()
    {
        var table = new TomlTable(Line());
        at++;
        while (true)
        {
            Blank(withLines: true);
            if (at < text.Length && text[at] == '}')
                break;
            Pair(table);
            Blank(withLines: true);
            if (at < text.Length && text[at] == ',')
                at++;
            else if (at >= text.Length || text[at] != '}')
                throw Fault("an inline table without '}'");
        }
        at++;
        return table;
    }

    private string Text()
    {
        var quote = text[at];
        var isLong = at + 2 < text.Length && text[at + 1] == quote && text[at + 2] == quote;
        return isLong ? LongText(quote) : ShortText(quote);
    }

    private string ShortText(char quote)
    {
        var value = new StringBuilder();
        for (at++; ; at++)
        {
            if (at >= text.Length || text[at] == '\n')
                throw Fault("a quote without its end");
            if (text[at] == quote)
                break;
            if (text[at] == '\\' && quote == '"')
                Escape(value);
            else
                value.Append(text[at]);
        }
        at++;
        return value.ToString();
    }

    private string LongText(char quote)
    {
        var value = new StringBuilder();
        var start = Line();
        at += 3;
        if (at < text.Length && text[at] == '\n')
            at++;
        for (; ; at++)
        {
            if (at >= text.Length)
                throw new TomlException(start, "three quotes without their end");
            if (text[at] == quote && Run(quote) is >= 3 and var run)
            {
                // Up to two quotes may stand before the closing three.
                value.Append(quote, Math.Min(run, 5) - 3);
                at += Math.Min(run, 5);
                return value.ToString();
            }
            if (text[at] == '\\' && quote == '"')
                Escape(value);
            else
                value.Append(text[at]);
        }
    }

    private int Run(char quote)
    {
        var count = 0;
        while (at + count < text.Length && text[at + count] == quote)
            count++;
        return count;
    }

    // Leaves the place at the escape's last character.
    private void Escape(StringBuilder value)
    {
        if (++at >= text.Length)
            throw Fault("a '\\' at the end");
        switch (text[at])
        {
            case 'b': value.Append('\b'); break;
            case 't': value.Append('\t'); break;
            case 'n': value.Append('\n'); break;
            case 'f': value.Append('\f'); break;
            case 'r': value.Append('\r'); break;
            case 'e': value.Append('\e'); break;
            case '"' or '\\': value.Append(text[at]); break;
            case 'u': value.Append(CodePoint(4)); break;
            case 'U': value.Append(CodePoint(8)); break;
            case ' ' or '\t' or '\n':
                // A line's end behind '\' and the space of the next line are no part of the text.
                while (at + 1 < text.Length && text[at + 1] is ' ' or '\t' or '\n')
                    at++;
                break;
            default:
                throw Fault($"unknown escape \\{text[at]}; a pattern goes between '''");
        }
    }

    private string CodePoint(int digits)
    {
        if (at + digits >= text.Length || !int.TryParse(text.AsSpan(at + 1, digits), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var value) || !Rune.IsValid(value))
            throw Fault("an escape that is no code point");
        at += digits;
        return new Rune(value).ToString();
    }

    private void Blank(bool withLines)
    {
        for (; at < text.Length; at++)
        {
            if (text[at] == '#')
            {
                var end = text.IndexOf('\n', at);
                at = end < 0 ? text.Length : end;
                if (!withLines || at >= text.Length)
                    return;
            }
            else if (!(text[at] is ' ' or '\t' || (withLines && text[at] == '\n')))
            {
                return;
            }
        }
    }

    private void Expect(string what)
    {
        Blank(withLines: false);
        if (!text.AsSpan(at).StartsWith(what))
            throw Fault($"'{what}' is missing");
        at += what.Length;
    }

    private int Line() => 1 + text.AsSpan(0, Math.Min(at, text.Length)).Count('\n');

    private TomlException Fault(string message) => new(Line(), message);
}
