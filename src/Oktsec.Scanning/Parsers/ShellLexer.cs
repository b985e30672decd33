using System.Buffers;
using System.Text;

namespace Oktsec.Scanning.Parsers;

internal enum ShellToken : byte
{
    End,
    Word,

    /// <summary>Ends a command: ; &amp; &amp;&amp; || newline, or a bracket.</summary>
    Break,

    Pipe,

    /// <summary>The next word is a file written or read.</summary>
    Write,
    Read,
}

/// <summary>Whose rules of quoting hold.</summary>
internal enum ShellStyle : byte
{
    Posix,

    /// <summary>PowerShell and cmd: a backslash is part of a path; ` and ^ escape; a bracket holds an expression.</summary>
    Windows,

    /// <summary>A value a program puts into a command line: its quotes end those around it, so they only separate.</summary>
    Value,
}

/// <summary>
/// Cuts a command line into words and operators as a POSIX shell does: quotes removed, escapes undone, braces and <c>$IFS</c> split. Command
/// substitutions are reported as they stand, for a lexer of their own.
/// </summary>
internal ref struct ShellLexer(ReadOnlySpan<byte> text, ShellStyle style)
{
    // As short as a folder or program is named.
    private const int MinFolder = 3;

    private readonly ReadOnlySpan<byte> text = text;
    private readonly ShellStyle style = style;
    private int at;
    private int braceDepth;

    /// <summary>Where the token begins and ends.</summary>
    public int Start { get; private set; }

    public readonly int End => at;

    /// <summary>The word's value depends on something outside the text.</summary>
    public bool IsOpaque { get; private set; }

    /// <summary>Quotes or escapes stand between its letters, where nobody needs them.</summary>
    public bool IsPatched { get; private set; }

    /// <summary>Reads a token. Of a word the value goes to <paramref name="word"/>, which is as long as the text.</summary>
    /// <param name="word">Receives the word.</param>
    /// <param name="length">Its length.</param>
    /// <param name="inner">Receives the ranges of substitutions in it.</param>
    public ShellToken Next(Span<byte> word, out int length, List<Range> inner)
    {
        (length, IsOpaque, IsPatched) = (0, false, false);
        inner.Clear();
        SkipBlanks();
        Start = at;
        if (at >= text.Length)
            return ShellToken.End;
        if (Operator() is var token && token != ShellToken.Word)
            return token;
        while (at < text.Length && !EndsWord(text[at]))
        {
            var before = at;
            if (IsFieldSeparator())
            {
                if (length > 0)
                    break;
                Start = at;
                continue;
            }
            if (text[at] is (byte)'\'' or (byte)'"' or (byte)'\\' or (byte)'`' or (byte)'^' && length > 0)
                IsPatched |= IsBetweenLetters();
            Piece(word, ref length, inner);
            if (at == before)
                at++;
        }
        return ShellToken.Word;
    }

    private void SkipBlanks()
    {
        while (at < text.Length)
        {
            if (style == ShellStyle.Value && text[at..].StartsWith("%20"u8))
                at += 3;
            else if (text[at] is (byte)' ' or (byte)'\t' or (byte)'\r' || (style == ShellStyle.Value && text[at] is (byte)'\'' or (byte)'"'))
                at++;
            else if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] == '\n')
                at += 2;
            else if (text[at] == '#' && style != ShellStyle.Value && (at == 0 || text[at - 1] is (byte)' ' or (byte)'\n' or (byte)'\t' or (byte)';'))
                at = text[at..].IndexOf((byte)'\n') is >= 0 and var line ? at + line : text.Length;
            else if (braceDepth > 0 && text[at] is (byte)',' or (byte)'}')
            {
                braceDepth -= text[at] == '}' ? 1 : 0;
                at++;
            }
            else
                return;
        }
    }

    private ShellToken Operator()
    {
        var c = text[at];
        var next = at + 1 < text.Length ? text[at + 1] : (byte)0;
        if (WrittenBreak() is > 0 and var written)
        {
            at += written;
            return ShellToken.Break;
        }
        switch (c)
        {
            case (byte)'\n' or (byte)';' or (byte)')':
                at++;
                return ShellToken.Break;
            case (byte)'(' when style != ShellStyle.Windows:
                at++;
                return ShellToken.Break;
            case (byte)'&':
                if (next == '>')
                {
                    at += 2;
                    return ShellToken.Write;
                }
                at += next == '&' ? 2 : 1;
                return ShellToken.Break;
            case (byte)'|':
                at += next is (byte)'|' or (byte)'&' ? 2 : 1;
                return next == '|' ? ShellToken.Break : ShellToken.Pipe;
            case (byte)'{' when next is (byte)' ' or (byte)'\n':
            case (byte)'}' when at + 1 == text.Length || next is (byte)' ' or (byte)'\n' or (byte)';':
                at++;
                return ShellToken.Break;
            case (byte)'{' when style == ShellStyle.Posix && IsBraceList():
                at++;
                braceDepth++;
                return ShellToken.Word;
            case >= (byte)'0' and <= (byte)'9' when next is (byte)'>' or (byte)'<':
                at++;
                return Redirection();
            case (byte)'>' or (byte)'<' when next != '(':
                return Redirection();
            default:
                return ShellToken.Word;
        }
    }

    private ShellToken Redirection()
    {
        var isWrite = text[at] == '>';
        var isHere = text[at..].StartsWith("<<"u8);
        while (at < text.Length && text[at] is (byte)'>' or (byte)'<' or (byte)'|' or (byte)'-')
            at++;
        if (at < text.Length && text[at] == '&')
        {
            // 2>&1 duplicates a descriptor; >& file writes one.
            at++;
            if (at < text.Length && (char.IsAsciiDigit((char)text[at]) || text[at] == '-'))
            {
                at++;
                return ShellToken.Read;
            }
        }
        return isWrite ? ShellToken.Write : isHere ? ShellToken.Word : ShellToken.Read;
    }

    // {cat,/etc/passwd} is two words to a shell.
    private readonly bool IsBraceList()
    {
        var end = text[at..].IndexOfAny("} \n;"u8);
        return end > 2 && text[at + end] == '}' && text.Slice(at, end).Contains((byte)',');
    }

    // w'h'o: letters before and behind, and the quote ends in the same word. It's only begins one.
    private readonly bool IsBetweenLetters()
    {
        if (at == 0 || at + 1 >= text.Length || !char.IsAsciiLetter((char)text[at - 1]))
            return false;
        if (text[at] is not ((byte)'\'' or (byte)'"' or (byte)'`'))
            return char.IsAsciiLetter((char)text[at + 1]) && !(text[at] == '\\' && IsFolder());
        // Longer than a command's name is a text.
        var inside = text.Slice(at + 1, Math.Min(16, text.Length - at - 1));
        var end = inside.IndexOf(text[at]);
        return end >= 0 && at + 2 + end < text.Length && char.IsAsciiLetter((char)text[at + 2 + end]) && !inside[..end].ContainsAnyExcept(NameBytes);
    }

    // venv\Scripts\activate, C:\tools\x: Windows parts folders so. Pieces of a name are shorter, and what they join to is read as a command either way.
    private readonly bool IsFolder() =>
        style == ShellStyle.Windows || text[Start..at].Contains((byte)':')
        || (at - 1 - text[Start..at].LastIndexOfAnyExcept(NameBytes) - Start >= MinFolder && (text[(at + 1)..].IndexOfAnyExcept(NameBytes) is var end && (end < 0 ? text.Length - at - 1 : end) >= MinFolder));

    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"u8);

    // %0a and \n in a value: whoever decodes it makes a line end of them. One alone is too little for the decoders of the whole text.
    private readonly int WrittenBreak() =>
        style != ShellStyle.Value ? 0
        : text[at] == '\\' && at + 1 < text.Length && text[at + 1] is (byte)'n' or (byte)'r' ? 2
        : text[at] == '%' && at + 2 < text.Length && text[at + 1] == '0' && (text[at + 2] | 0x20) is 'a' or 'd' ? 3
        : 0;

    private readonly bool EndsWord(byte c) =>
        (style == ShellStyle.Value && (c is (byte)'\'' or (byte)'"' || WrittenBreak() > 0 || text[at..].StartsWith("%20"u8)))
        || c is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)';' or (byte)'|' or (byte)'&' or (byte)')' || (c == '(' && (style != ShellStyle.Windows || at > Start))
        || (c is (byte)'<' or (byte)'>' && !(at + 1 < text.Length && text[at + 1] == '('))
        || (braceDepth > 0 && c is (byte)',' or (byte)'}');

    // $IFS and ${IFS} are blanks to a shell, and used to avoid writing them.
    private bool IsFieldSeparator()
    {
        var rest = text[at..];
        var length = rest.StartsWith("${IFS"u8) ? rest.IndexOf((byte)'}') + 1 : rest.StartsWith("$IFS"u8) ? 4 : 0;
        if (length <= 0)
            return false;
        at += length;
        // $IFS$9 and $IFS$1: the empty positional parameter ends the name.
        if (at + 1 < text.Length && text[at] == '$' && char.IsAsciiDigit((char)text[at + 1]))
            at += 2;
        return true;
    }

    private void Piece(Span<byte> word, ref int length, List<Range> inner)
    {
        var c = text[at];
        switch (c)
        {
            case (byte)'\\' when style == ShellStyle.Posix:
            case (byte)'^' or (byte)'`' when style == ShellStyle.Windows:
                at++;
                if (at < text.Length && text[at] != '\n')
                    word[length++] = text[at];
                at++;
                break;
            case (byte)'\'':
                Quoted(word, ref length);
                break;
            case (byte)'"':
                DoubleQuoted(word, ref length, inner);
                break;
            case (byte)'`':
                Substitution(word, ref length, inner, 1, Backtick(at + 1));
                break;
            case (byte)'(' when style == ShellStyle.Windows:
                Substitution(word, ref length, inner, 1, Bracket(at + 1));
                break;
            case (byte)'%' when style == ShellStyle.Windows:
                Percent(word, ref length);
                break;
            case (byte)'$':
                Dollar(word, ref length, inner);
                break;
            case (byte)'<' or (byte)'>':
                Substitution(word, ref length, inner, 2, Bracket(at + 2));
                break;
            default:
                word[length++] = c;
                at++;
                break;
        }
    }

    private void Quoted(Span<byte> word, ref int length)
    {
        var end = text[(at + 1)..].IndexOf((byte)'\'');
        // A quote that never ends is an apostrophe in prose.
        var inside = end < 0 ? text[(at + 1)..] : text.Slice(at + 1, end);
        inside.CopyTo(word[length..]);
        length += inside.Length;
        at = end < 0 ? text.Length : at + end + 2;
    }

    private void DoubleQuoted(Span<byte> word, ref int length, List<Range> inner)
    {
        at++;
        while (at < text.Length && text[at] != '"')
        {
            if (style == ShellStyle.Posix && text[at] == '\\' && at + 1 < text.Length && text[at + 1] is (byte)'"' or (byte)'\\' or (byte)'$' or (byte)'`' or (byte)'\n')
            {
                word[length++] = text[at + 1];
                at += 2;
            }
            else if (text[at] == '$')
                Dollar(word, ref length, inner);
            else if (text[at] == '`' && style == ShellStyle.Windows && at + 1 < text.Length)
            {
                word[length++] = text[at + 1];
                at += 2;
            }
            else if (text[at] == '`')
                Substitution(word, ref length, inner, 1, Backtick(at + 1));
            else
                word[length++] = text[at++];
        }
        at = Math.Min(text.Length, at + 1);
    }

    private void Dollar(Span<byte> word, ref int length, List<Range> inner)
    {
        var next = at + 1 < text.Length ? text[at + 1] : (byte)0;
        if (next == '(')
        {
            Substitution(word, ref length, inner, 2, Bracket(at + 2));
            return;
        }
        if (next == '\'')
        {
            at++;
            AnsiQuoted(word, ref length);
            return;
        }
        IsOpaque |= next == '{' || char.IsAsciiLetterOrDigit((char)next) || next is (byte)'_' or (byte)'@' or (byte)'*' or (byte)'?';
        word[length++] = text[at++];
    }

    // %COMSPEC% is the shell; what any other variable holds is not in the text.
    private void Percent(Span<byte> word, ref int length)
    {
        var rest = text[(at + 1)..];
        var end = rest.IndexOf((byte)'%');
        var isName = end is > 0 and <= 64 && !rest[..end].ContainsAny((byte)' ', (byte)'\n', (byte)'&');
        IsOpaque |= isName;
        if (!isName || !Ascii.EqualsIgnoreCase(rest[..end], "comspec"u8))
        {
            word[length++] = text[at++];
            return;
        }
        // Three bytes for nine.
        "cmd"u8.CopyTo(word[length..]);
        length += 3;
        at += end + 2;
    }

    // $'\x41\101\n'
    private void AnsiQuoted(Span<byte> word, ref int length)
    {
        at++;
        Span<byte> scratch = stackalloc byte[16];
        while (at < text.Length && text[at] != '\'')
        {
            if (text[at] == '\\' && Views.BackslashEscapes.Step(text[at..], scratch, out var written) is > 0 and var used)
            {
                scratch[..written].CopyTo(word[length..]);
                length += written;
                at += used;
                continue;
            }
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            word[length++] = text[at++];
        }
        at = Math.Min(text.Length, at + 1);
    }

    // $(...), `...` or <(...): the word keeps a mark of it, the inside is somebody else's command.
    private void Substitution(Span<byte> word, ref int length, List<Range> inner, int opening, int end)
    {
        inner.Add((at + opening)..end);
        IsOpaque = true;
        // The value never grows beyond the text: at least opening and one byte more are read.
        word[length++] = (byte)'$';
        at = Math.Min(text.Length, end + 1);
    }

    private readonly int Backtick(int from)
    {
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '`')
                return i;
        }
        return text.Length;
    }

    private readonly int Bracket(int from)
    {
        var depth = 1;
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '(')
                depth++;
            else if (text[i] == ')' && --depth == 0)
                return i;
        }
        return text.Length;
    }
}
