using System.Globalization;

namespace Oktsec.Scanning.Matching;

// How characters and sets of them are written: escapes, classes, brackets.
internal ref partial struct RegexParser
{
    // \d \w \s and their opposites, \p{..}; null when the escape is a character.
    private CharSet? ClassEscape()
    {
        var c = text[at + 1];
        if (RegexClasses.Perl(c) is { } set)
        {
            at += 2;
            return set;
        }
        if (c is not ('p' or 'P'))
            return null;
        at += 2;
        var name = Braced(1);
        var negative = c == 'P' ^ name.StartsWith('^');
        var found = UnicodeClasses.Find(name.TrimStart('^')) ?? throw Fault($"unknown class \\p{{{name}}}");
        return negative ? found.Negate() : found;
    }

    private int CharEscape()
    {
        at++;
        var c = text[at];
        switch (c)
        {
            case 'n': at++; return '\n';
            case 'r': at++; return '\r';
            case 't': at++; return '\t';
            case 'f': at++; return '\f';
            case 'v': at++; return '\v';
            case 'a': at++; return 7;
            case 'e': at++; return 27;
            case 'x': at++; return Hex(Braced(2));
            case 'u': at++; return Hex(Braced(4));
            case '0':
                at++;
                return 0;
        }
        if (char.IsAsciiLetterOrDigit(c))
            throw Fault($"unknown escape \\{c}");
        return NextRune();
    }

    // {...} or so many characters.
    private string Braced(int digits)
    {
        if (More && text[at] == '{')
        {
            var end = text[at..].IndexOf('}');
            if (end < 0)
                throw Fault("'{' without '}'");
            var inner = text.Slice(at + 1, end - 1).ToString();
            at += end + 1;
            return inner;
        }
        if (at + digits > text.Length)
            throw Fault("an escape cut short");
        var plain = text.Slice(at, digits).ToString();
        at += digits;
        return plain;
    }

    private readonly int Hex(string digits) =>
        int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= CharSet.MaxCodePoint
            ? value
            : throw Fault($"'{digits}' is no code point");

    private CharSet Brackets()
    {
        at++;
        var negative = More && text[at] == '^';
        if (negative)
            at++;
        var set = new CharSet();
        for (var first = true; ; first = false)
        {
            if (!More)
                throw Fault("'[' without ']'");
            if (text[at] == ']' && !first)
                break;
            if (text[at..].StartsWith("[:"))
            {
                Posix(set);
                continue;
            }
            var low = ClassMember(set);
            if (low < 0)
                continue;
            if (at + 1 < text.Length && text[at] == '-' && text[at + 1] != ']')
            {
                at++;
                var high = ClassMember(set);
                if (high < low)
                    throw Fault("a range that ends before it starts");
                set.Add(low, high);
            }
            else
            {
                set.Add(low, low);
            }
        }
        at++;
        if (!negative)
            return set;
        // [^a] under (?i), and of folded text, excludes A as well: the case goes in before the negation, or A would bring a back when it is folded.
        var finished = RegexClasses.Finish(set, ignoreCase, folded);
        return (folded ? RegexClasses.Finish(finished, ignoreCase: true, folded: false) : finished).Negate();
    }

    // One character of [...]; -1 when a class went into the set.
    private int ClassMember(CharSet set)
    {
        if (text[at] != '\\')
            return NextRune();
        if (at + 1 >= text.Length)
            throw Fault("a '\\' at the end");
        if (text[at + 1] == 'b')
        {
            at += 2;
            return 8;
        }
        if (ClassEscape() is not { } found)
            return CharEscape();
        set.Add(found);
        return -1;
    }

    private void Posix(CharSet set)
    {
        var end = text[at..].IndexOf(":]");
        if (end < 0)
            throw Fault("'[:' without ':]'");
        var name = text.Slice(at + 2, end - 2).ToString();
        var found = RegexClasses.Posix(name.TrimStart('^')) ?? throw Fault($"unknown class [:{name}:]");
        set.Add(name.StartsWith('^') ? found.Negate() : found);
        at += end + 2;
    }
}
