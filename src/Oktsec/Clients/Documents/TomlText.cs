using System.Globalization;
using System.Text;

namespace Oktsec.Clients.Documents;

/// <summary>Texts of TOML: basic and literal, on one line and on several.</summary>
internal static class TomlText
{
    public static bool IsBare(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';

    /// <summary>The value of the text that starts here with a quote.</summary>
    public static string Read(string text, int start, out int end)
    {
        var quote = text[start];
        var isLong = text.AsSpan(start).StartsWith(quote == '"' ? "\"\"\"" : "'''");
        var at = start + (isLong ? 3 : 1);
        if (isLong && At(text, at) == '\r' && At(text, at + 1) == '\n')
            at += 2;
        else if (isLong && At(text, at) == '\n')
            at++;
        var value = new StringBuilder();
        while (true)
        {
            var c = At(text, at);
            if (at >= text.Length || (!isLong && c is '\n' or '\r'))
                throw new DocumentException(start, "this text has no closing quote");
            if (c == quote && (!isLong || (At(text, at + 1) == quote && At(text, at + 2) == quote)))
                break;
            if (c == '\\' && quote == '"')
                at = ReadEscape(text, at + 1, isLong, value);
            else
            {
                value.Append(c);
                at++;
            }
        }
        if (!isLong)
        {
            end = at + 1;
            return value.ToString();
        }
        // Up to two quotes may stand directly before the closing three.
        end = at + 3;
        for (var more = 0; more < 2 && At(text, end) == quote; more++, end++)
            value.Append(quote);
        return value.ToString();
    }

    public static string Write(string value) =>
        // Paths of Windows are read better without doubled backslashes.
        value.Contains('\\', StringComparison.Ordinal) && !value.Any(c => c == '\'' || char.IsControl(c) || c is '\u2028' or '\u2029' or '\ufeff') ? $"'{value}'" : NodeText.Quoted(value);

    public static string WriteKey(string key) => key.Length > 0 && key.All(IsBare) ? key : NodeText.Quoted(key);

    private static int ReadEscape(string text, int at, bool isLong, StringBuilder value)
    {
        var c = At(text, at);
        if (isLong && c is '\n' or '\r' or ' ' or '\t' && IsLineEnd(text, at))
        {
            while (At(text, at) is '\n' or '\r' or ' ' or '\t')
                at++;
            return at;
        }
        var digits = c switch { 'u' => 4, 'U' => 8, 'x' => 2, _ => 0 };
        if (digits > 0)
        {
            if (at + 1 + digits > text.Length || !int.TryParse(text.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || !Rune.IsValid(code))
                throw new DocumentException(at - 1, "no such escape");
            value.Append(new Rune(code).ToString());
            return at + 1 + digits;
        }
        value.Append(c switch
        {
            '"' or '\\' => c,
            'b' => '\b',
            'e' => '\e',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ => throw new DocumentException(at - 1, "no such escape"),
        });
        return at + 1;
    }

    private static bool IsLineEnd(string text, int at)
    {
        while (At(text, at) is ' ' or '\t' or '\r')
            at++;
        return At(text, at) == '\n';
    }

    private static char At(string text, int at) => at < text.Length ? text[at] : '\0';
}
