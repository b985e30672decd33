using System.Globalization;
using System.Text;

namespace Oktsec.Clients.Documents;

/// <summary>Reads JSON with comments and trailing commas, as editors and command lines write their settings, and says where each value stands.</summary>
internal sealed class JsonReader(string text)
{
    private int _at;

    public Node ReadDocument()
    {
        SkipBlank();
        // An empty file is what some clients begin with.
        if (_at == text.Length)
            return new MapNode(_at, _at, []);
        var root = ReadValue(0);
        SkipBlank();
        return _at == text.Length ? root : throw Fault("something follows the end of the value");
    }

    private Node ReadValue(int depth)
    {
        if (depth == DocumentFormat.MaxDepth)
            throw Fault($"more than {DocumentFormat.MaxDepth} levels deep");
        return Peek() switch
        {
            '{' => ReadMap(depth),
            '[' => ReadList(depth),
            '"' => ReadText(),
            _ => ReadWord(),
        };
    }

    private MapNode ReadMap(int depth)
    {
        var start = _at++;
        var members = new List<Member>();
        for (SkipBlank(); Peek() != '}'; SkipBlank())
        {
            if (Peek() != '"')
                throw Fault("a key in double quotes, or }, is missing here");
            var key = ReadText();
            SkipBlank();
            Expect(':');
            SkipBlank();
            members.Add(new Member(key.Value, key.Start, ReadValue(depth + 1)));
            if (!SkipComma('}'))
                break;
        }
        Expect('}');
        return new MapNode(start, _at, members);
    }

    private ListNode ReadList(int depth)
    {
        var start = _at++;
        var items = new List<Node>();
        for (SkipBlank(); Peek() != ']'; SkipBlank())
        {
            items.Add(ReadValue(depth + 1));
            if (!SkipComma(']'))
                break;
        }
        Expect(']');
        return new ListNode(start, _at, items);
    }

    private bool SkipComma(char end)
    {
        SkipBlank();
        if (Peek() == end)
            return false;
        Expect(',');
        return true;
    }

    private TextNode ReadText()
    {
        var start = _at++;
        var value = new StringBuilder();
        while (true)
        {
            var c = Peek();
            _at++;
            if (c == '"')
                return new TextNode(start, _at, value.ToString());
            if (c < ' ' && c != '\t')
                throw Fault(start, "this text has no closing quote");
            value.Append(c == '\\' ? ReadEscape() : c);
        }
    }

    private char ReadEscape()
    {
        var c = Peek();
        _at++;
        return c switch
        {
            '"' or '\\' or '/' => c,
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' when _at + 4 <= text.Length && ushort.TryParse(text.AsSpan(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) => Take4(code),
            _ => throw Fault(_at - 2, "no such escape"),
        };
    }

    private char Take4(ushort code)
    {
        _at += 4;
        return (char)code;
    }

    private WordNode ReadWord()
    {
        var start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '+' or '-' or '.'))
            _at++;
        var word = text[start.._at];
        if (word is "true" or "false" or "null" || (word.Length > 0 && double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _) && !char.IsAsciiLetter(word[^1])))
            return new WordNode(start, _at, word);
        throw Fault(start, "a value is missing here");
    }

    private void SkipBlank()
    {
        while (_at < text.Length)
        {
            if (text[_at] is ' ' or '\t' or '\r' or '\n')
                _at++;
            else if (text.AsSpan(_at).StartsWith("//"))
                _at = text.IndexOf('\n', _at) is >= 0 and var end ? end : text.Length;
            else if (text.AsSpan(_at).StartsWith("/*"))
                _at = text.IndexOf("*/", _at + 2, StringComparison.Ordinal) is >= 0 and var close ? close + 2 : throw Fault("this comment has no end");
            else
                return;
        }
    }

    private char Peek() => _at < text.Length ? text[_at] : '\0';

    private void Expect(char c)
    {
        if (Peek() != c || _at == text.Length)
            throw Fault(_at == text.Length ? $"the file ends where {c} should stand" : $"{c} is missing here");
        _at++;
    }

    private DocumentException Fault(string message) => Fault(_at, message);

    private static DocumentException Fault(int at, string message) => new(at, message);
}
