using System.Globalization;
using System.Text;

namespace Oktsec.Scanning.Rules.Yaml;

/// <summary>Reads the texts of a YAML file: plain, quoted, and blocks.</summary>
internal sealed class YamlScalars(string text)
{
    private int lineAt;
    private int lineNumber = 1;

    public YamlException Fault(int at, string message) => new(Line(Math.Min(at, text.Length)), message);

    /// <summary>The line of a place, counted on from the last one asked for.</summary>
    public int Line(int at)
    {
        if (at < lineAt)
            (lineAt, lineNumber) = (0, 1);
        lineNumber += text.AsSpan(lineAt, at - lineAt).Count('\n');
        lineAt = at;
        return lineNumber;
    }

    public int LineEnd(int at)
    {
        var end = text.IndexOf('\n', at);
        return end < 0 ? text.Length : end;
    }

    public YamlText Quoted(ref int at)
    {
        var line = Line(at);
        var quote = text[at++];
        // Most quoted texts have neither escapes nor line ends.
        var close = text.AsSpan(at).IndexOfAny(quote, '\n', '\\');
        if (close >= 0 && text[at + close] == quote && (at + close + 1 == text.Length || text[at + close + 1] != quote))
        {
            var plain = text.Substring(at, close);
            at += close + 1;
            return new YamlText(plain, isPlain: false, line);
        }
        var value = new StringBuilder();
        for (; ; )
        {
            if (at >= text.Length)
                throw new YamlException(line, "a quote without its end");
            var c = text[at++];
            if (c == quote)
            {
                if (quote != '\'' || at >= text.Length || text[at] != '\'')
                    return new YamlText(value.ToString(), isPlain: false, line);
                value.Append('\'');
                at++;
            }
            else if (c == '\n')
                FoldLine(value, ref at);
            else if (c == '\\' && quote == '"')
                Escape(value, ref at);
            else
                value.Append(c);
        }
    }

    // A line end is a blank, an empty line a line end; blanks around it go.
    private void FoldLine(StringBuilder value, ref int at)
    {
        while (value.Length > 0 && value[^1] is ' ' or '\t')
            value.Length--;
        var empty = 0;
        while (at < text.Length && text[at] is ' ' or '\t' or '\n')
            empty += text[at++] == '\n' ? 1 : 0;
        if (empty == 0)
            value.Append(' ');
        else
            value.Append('\n', empty);
    }

    private void Escape(StringBuilder value, ref int at)
    {
        if (at >= text.Length)
            throw Fault(at, "a '\\' at the end");
        var c = text[at++];
        switch (c)
        {
            case '\n':
                while (at < text.Length && text[at] is ' ' or '\t')
                    at++;
                return;
            case 'x' or 'u' or 'U':
                var digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
                if (at + digits > text.Length || !int.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                    || (digits == 8 && !Rune.IsValid(code)))
                    throw Fault(at, "an escape that is no character");
                at += digits;
                value.Append(digits == 8 ? char.ConvertFromUtf32(code) : ((char)code).ToString());
                return;
        }
        value.Append(c switch
        {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '0' => '\0',
            'a' => '\a',
            'b' => '\b',
            'e' => '\u001b',
            'f' => '\f',
            'v' => '\v',
            '"' or '\\' or '/' or ' ' => c,
            'N' => '\u0085',
            '_' => '\u00A0',
            'L' => '\u2028',
            'P' => '\u2029',
            _ => throw Fault(at, $"unknown escape '\\{c}' in double quotes; use single quotes for patterns"),
        });
    }

    /// <summary>Text without quotes; it goes on in lines indented deeper than <paramref name="parent"/>.</summary>
    public YamlText Plain(ref int at, int parent)
    {
        var line = Line(at);
        var value = PlainLine(ref at);
        for (; ; )
        {
            var next = at;
            var empty = -1;
            while (next < text.Length && text[next] is ' ' or '\n')
                empty += text[next++] == '\n' ? 1 : 0;
            var column = next - (text.LastIndexOf('\n', Math.Max(0, next - 1)) + 1);
            if (empty < 0 || next >= text.Length || column <= parent || text[next] == '#' || (column == 0 && text.AsSpan(next).StartsWith("---")))
                return new YamlText(value, isPlain: true, line);
            at = next;
            value += (empty == 0 ? " " : new string('\n', empty)) + PlainLine(ref at);
        }
    }

    private string PlainLine(ref int at)
    {
        var start = at;
        while (at < text.Length && text[at] != '\n')
        {
            if (text[at] == '#' && at > start && text[at - 1] is ' ' or '\t')
                break;
            if (text[at] == ':' && at + 1 < text.Length && text[at + 1] == ' ')
                throw Fault(at, "a second ': ' in one line; put the text in quotes");
            at++;
        }
        var value = text[start..at].TrimEnd();
        at = at < text.Length && text[at] == '#' ? LineEnd(at) : at;
        return value;
    }

    public YamlText FlowPlain(ref int at)
    {
        var line = Line(at);
        var start = at;
        while (at < text.Length && text[at] is not (',' or ']' or '}' or '\n') && !(text[at] == ':' && (at + 1 == text.Length || text[at + 1] is ' ' or '\n' or ',' or '}')))
            at++;
        if (at == start)
            throw Fault(at, "a value is missing");
        return new YamlText(text[start..at].Trim(), isPlain: true, line);
    }

    /// <summary>The lines of <c>|</c> (kept) and <c>&gt;</c> (folded), indented deeper than <paramref name="parent"/>.</summary>
    public YamlText BlockText(ref int at, int parent)
    {
        var line = Line(at);
        var isFolded = text[at++] == '>';
        var (keep, strip, indent) = (false, false, 0);
        for (; at < text.Length && text[at] is '+' or '-' or (>= '1' and <= '9'); at++)
            (keep, strip, indent) = (keep || text[at] == '+', strip || text[at] == '-', char.IsAsciiDigit(text[at]) ? parent + text[at] - '0' : indent);
        var rest = text[at..LineEnd(at)].Trim();
        if (rest.Length > 0 && rest[0] != '#')
            throw Fault(at, "text behind '|' or '>'");
        at = Math.Min(text.Length, LineEnd(at) + 1);
        var lines = new List<string>();
        while (at < text.Length)
        {
            var end = LineEnd(at);
            var content = text[at..end];
            var blanks = content.Length - content.TrimStart(' ').Length;
            if (content.AsSpan().Trim(' ').IsEmpty)
            {
                lines.Add(indent > 0 && content.Length > indent ? content[indent..] : "");
            }
            else
            {
                if (indent == 0)
                    indent = blanks;
                if (blanks < indent || indent <= parent)
                    break;
                lines.Add(content[indent..]);
            }
            at = Math.Min(text.Length, end + 1);
        }
        // Stand at a line's end, as after any other text.
        if (at > 0 && at <= text.Length && text[at - 1] == '\n')
            at--;
        return new YamlText(Joined(lines, isFolded, keep, strip), isPlain: false, line);
    }

    private static string Joined(List<string> lines, bool isFolded, bool keep, bool strip)
    {
        var trailing = 0;
        while (lines.Count > 0 && lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
            trailing++;
        }
        var value = new StringBuilder();
        for (var i = 0; i < lines.Count; i++)
        {
            value.Append(lines[i]);
            if (i + 1 == lines.Count)
                break;
            // Folding joins neighbouring lines of text; empty lines and deeper ones keep their line ends.
            var joins = isFolded && lines[i].Length > 0 && lines[i + 1].Length > 0 && lines[i][0] != ' ' && lines[i + 1][0] != ' ';
            var swallowed = isFolded && lines[i].Length > 0 && lines[i][0] != ' ' && lines[i + 1].Length == 0;
            if (joins)
                value.Append(' ');
            else if (!swallowed || !HasTextBelow(lines, i + 1))
                value.Append('\n');
        }
        if (!strip && lines.Count > 0)
            value.Append('\n');
        if (keep)
            value.Append('\n', trailing);
        return value.ToString();
    }

    private static bool HasTextBelow(List<string> lines, int from)
    {
        while (from < lines.Count && lines[from].Length == 0)
            from++;
        return from < lines.Count && lines[from][0] != ' ';
    }
}
