using System.Globalization;
using System.Text;

namespace Oktsec.Scanning.Matching;

/// <summary>A pattern that cannot be used, and why.</summary>
internal sealed class PatternException(string message) : Exception(message);

/// <summary>
/// Reads RE2 syntax (what public rule files are written in) into a tree. What a linear matcher cannot do, backreferences and lookaround, is refused
/// with its reason.
/// </summary>
internal ref partial struct RegexParser
{
    // RE2 allows 1,000; the same bound keeps public rules loadable and the compiled size finite.
    private const int MaxRepeat = 1000;

    // Deep nesting would end in a stack overflow, which no caller can catch.
    private const int MaxDepth = 200;

    private static readonly RegexNode.Set?[] FoldedCharacters = new RegexNode.Set?[128];
    private static readonly RegexNode.Set?[] AnyCaseCharacters = new RegexNode.Set?[128];
    private static readonly RegexNode.Set?[] PlainCharacters = new RegexNode.Set?[128];

    private readonly ReadOnlySpan<char> text;
    private readonly bool folded;
    private int at;
    private int depth;
    private bool ignoreCase;
    private bool multiline;
    private bool dotAll;
    private bool ungreedy;
    private bool extended;

    private RegexParser(ReadOnlySpan<char> pattern, bool folded, bool ignoreCase)
    {
        text = pattern;
        this.folded = folded;
        this.ignoreCase = ignoreCase;
    }

    /// <param name="pattern">RE2 syntax.</param>
    /// <param name="folded">The pattern runs on folded text: its letters are folded the same way.</param>
    /// <param name="ignoreCase">As if it began with <c>(?i)</c>.</param>
    /// <exception cref="PatternException">Not RE2 syntax, or not regular.</exception>
    public static RegexNode Parse(string pattern, bool folded, bool ignoreCase = false)
    {
        var parser = new RegexParser(pattern, folded, ignoreCase);
        var node = parser.Alternation();
        return parser.at == pattern.Length ? node : throw parser.Fault("a ')' without its '('");
    }

    private readonly bool More => at < text.Length;

    private readonly PatternException Fault(string what) => new($"{what} at character {at + 1}");

    private RegexNode Alternation()
    {
        if (++depth > MaxDepth)
            throw Fault("nested too deeply");
        var branches = new List<RegexNode> { Sequence() };
        while (More && text[at] == '|')
        {
            at++;
            branches.Add(Sequence());
        }
        depth--;
        return branches.Count == 1 ? branches[0] : new RegexNode.Alternate(branches);
    }

    private RegexNode Sequence()
    {
        var items = new List<RegexNode>();
        while (More && text[at] is not ('|' or ')'))
        {
            if (extended && SkipComment())
                continue;
            if (Atom(items) is { } atom)
                items.Add(Quantified(atom));
        }
        return items.Count switch { 0 => RegexNode.Empty.Instance, 1 => items[0], _ => new RegexNode.Concat(items) };
    }

    private bool SkipComment()
    {
        if (char.IsWhiteSpace(text[at]))
        {
            at++;
            return true;
        }
        if (text[at] != '#')
            return false;
        var end = text[at..].IndexOf('\n');
        at = end < 0 ? text.Length : at + end + 1;
        return true;
    }

    private RegexNode? Atom(List<RegexNode> items)
    {
        var c = text[at];
        switch (c)
        {
            case '(':
                return Group();
            case '[':
                return Leaf(Brackets());
            case '.':
                at++;
                return Leaf(RegexClasses.Any(dotAll));
            case '^':
                at++;
                return new RegexNode.Assert(multiline ? Assertion.LineStart : Assertion.TextStart);
            case '$':
                at++;
                return new RegexNode.Assert(multiline ? Assertion.LineEnd : Assertion.TextEnd);
            case '*' or '+' or '?':
                throw Fault($"'{c}' with nothing to repeat");
            case '\\':
                return Escape(items);
            default:
                return Character(NextRune());
        }
    }

    // Most of a pattern is plain characters: each is made once.
    private readonly RegexNode.Set Character(int c)
    {
        if (c >= 0x80)
            return Leaf(CharSet.Of(c));
        var known = folded ? FoldedCharacters : ignoreCase ? AnyCaseCharacters : PlainCharacters;
        return known[c] ??= Leaf(CharSet.Of(c));
    }

    private readonly RegexNode.Set Leaf(CharSet set) => new(RegexClasses.Finish(set, ignoreCase, folded));

    private int NextRune()
    {
        if (Rune.DecodeFromUtf16(text[at..], out var rune, out var used) != System.Buffers.OperationStatus.Done)
            throw Fault("half a surrogate pair");
        at += used;
        return rune.Value;
    }

    private RegexNode? Escape(List<RegexNode> items)
    {
        if (at + 1 >= text.Length)
            throw Fault("a '\\' at the end");
        var c = text[at + 1];
        switch (c)
        {
            case 'A':
                at += 2;
                return new RegexNode.Assert(Assertion.TextStart);
            case 'z' or 'Z':
                at += 2;
                return new RegexNode.Assert(Assertion.TextEnd);
            case 'b':
                at += 2;
                return new RegexNode.Assert(Assertion.WordEdge);
            case 'B':
                at += 2;
                return new RegexNode.Assert(Assertion.NoWordEdge);
            case 'Q':
                Quoted(items);
                return null;
            case >= '1' and <= '9':
                throw Fault("a backreference: no linear matcher can follow it");
            case 'k':
                throw Fault("a named backreference: no linear matcher can follow it");
        }
        return ClassEscape() is { } set ? Leaf(set) : Character(CharEscape());
    }

    private void Quoted(List<RegexNode> items)
    {
        at += 2;
        while (More && !text[at..].StartsWith("\\E"))
            items.Add(Character(NextRune()));
        at = Math.Min(text.Length, at + 2);
    }

    private RegexNode? Group()
    {
        at++;
        var saved = (ignoreCase, multiline, dotAll, ungreedy, extended);
        var name = "";
        if (More && text[at] == '?')
        {
            at++;
            if (!More)
                throw Fault("'(?' cut short");
            if (text[at] is '=' or '!' || text[at..].StartsWith("<=") || text[at..].StartsWith("<!"))
                throw Fault("lookaround: no linear matcher can do it; use a validator or a condition");
            if (text[at] == '>')
                throw Fault("an atomic group: it has no meaning without backtracking");
            if (text[at] == '#')
            {
                var end = text[at..].IndexOf(')');
                at = end < 0 ? throw Fault("'(?#' without ')'") : at + end + 1;
                return null;
            }
            if (text[at] is 'P' or '<')
                name = GroupName();
            else if (Flags())
                return null;
        }
        var body = Alternation();
        if (!More)
            throw Fault("'(' without ')'");
        at++;
        (ignoreCase, multiline, dotAll, ungreedy, extended) = saved;
        return name.Length > 0 ? new RegexNode.Group(body, name) : body;
    }

    private string GroupName()
    {
        if (text[at] == 'P')
            at++;
        var end = text[at..].IndexOf('>');
        if (!More || text[at] != '<' || end < 2)
            throw Fault("a group name that is none");
        var name = text.Slice(at + 1, end - 1).ToString();
        at += end + 1;
        return name;
    }

    // True when the flags stand alone, (?i): they hold until the enclosing group ends, which restores them.
    private bool Flags()
    {
        var on = true;
        for (; ; at++)
        {
            if (!More)
                throw Fault("'(?' cut short");
            switch (text[at])
            {
                case '-': on = false; break;
                case 'i': ignoreCase = on; break;
                case 'm': multiline = on; break;
                case 's': dotAll = on; break;
                case 'U': ungreedy = on; break;
                case 'x': extended = on; break;
                case ':':
                    at++;
                    return false;
                case ')':
                    at++;
                    return true;
                default:
                    throw Fault($"unknown flag '{text[at]}'");
            }
        }
    }

    private RegexNode Quantified(RegexNode atom)
    {
        while (More)
        {
            int min, max;
            switch (text[at])
            {
                case '*': (min, max) = (0, -1); at++; break;
                case '+': (min, max) = (1, -1); at++; break;
                case '?': (min, max) = (0, 1); at++; break;
                case '{' when Counted(out min, out max): break;
                default: return atom;
            }
            var lazy = ungreedy;
            if (More && text[at] == '?')
            {
                lazy = !lazy;
                at++;
            }
            else if (More && text[at] == '+')
            {
                throw Fault("a possessive quantifier: it has no meaning without backtracking");
            }
            atom = new RegexNode.Repeat(atom, min, max, lazy);
        }
        return atom;
    }

    // {n}, {n,}, {n,m}; anything else is the character '{'.
    private bool Counted(out int min, out int max)
    {
        min = max = 0;
        var end = text[at..].IndexOf('}');
        if (end < 2)
            return false;
        var inner = text.Slice(at + 1, end - 1);
        var comma = inner.IndexOf(',');
        var low = comma < 0 ? inner : inner[..comma];
        var high = comma < 0 ? inner : inner[(comma + 1)..];
        if (!int.TryParse(low, NumberStyles.None, CultureInfo.InvariantCulture, out min))
            return false;
        if (high.IsEmpty)
            max = -1;
        else if (!int.TryParse(high, NumberStyles.None, CultureInfo.InvariantCulture, out max))
            return false;
        if (min > MaxRepeat || max > MaxRepeat || (max >= 0 && max < min))
            throw Fault($"a count over {MaxRepeat} or upside down");
        at += end + 1;
        return true;
    }
}
