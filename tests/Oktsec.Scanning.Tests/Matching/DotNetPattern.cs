using System.Text;
using System.Text.RegularExpressions;
using Oktsec.Scanning.Rules;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Tests.Matching;

/// <summary>A rule's pattern in .NET's dialect: what the matcher is compared with. Shared with the benchmarks.</summary>
internal static class DotNetPattern
{
    public static Regex Compile(RulePattern pattern, RegexOptions options)
    {
        var folded = pattern.View == PatternView.Folded;
        var text = pattern.Type switch
        {
            PatternType.Contains => Regex.Escape(pattern.Value),
            PatternType.Word => $@"\b{Regex.Escape(pattern.Value)}\b",
            _ => Translate(pattern.Value, folded),
        };
        if (folded || pattern.Type != PatternType.Regex)
            options |= RegexOptions.IgnoreCase;
        return new Regex(text, options | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));
    }

    // RE2 and .NET differ in a handful of spellings; a blank in a folded pattern stands for any white space.
    public static string Translate(string pattern, bool folded)
    {
        var text = new StringBuilder();
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                var next = pattern[++i];
                if (next == 'x' && i + 1 < pattern.Length && pattern[i + 1] == '{')
                {
                    var end = pattern.IndexOf('}', i);
                    var code = Convert.ToInt32(pattern[(i + 2)..end], 16);
                    text.Append(inClass && code > 0xFFFF ? throw new NotSupportedException() : Regex.Escape(char.ConvertFromUtf32(code)));
                    i = end;
                }
                else
                {
                    text.Append(next switch
                    {
                        // ASCII, as in RE2.
                        'w' => inClass ? "a-zA-Z0-9_" : "[a-zA-Z0-9_]",
                        'd' => inClass ? "0-9" : "[0-9]",
                        's' => inClass ? @"\t\n\v\f\r " : @"[\t\n\v\f\r ]",
                        'S' when !inClass => @"[^\t\n\v\f\r ]",
                        'W' when !inClass => "[^a-zA-Z0-9_]",
                        'D' when !inClass => "[^0-9]",
                        'b' when !inClass => @"(?:(?<=[a-zA-Z0-9_])(?![a-zA-Z0-9_])|(?<![a-zA-Z0-9_])(?=[a-zA-Z0-9_]))",
                        _ => $"\\{next}",
                    });
                }
            }
            else if (c == '[')
            {
                inClass = true;
                text.Append(c);
                // A ']' that comes first is a member.
                if (i + 1 < pattern.Length && pattern[i + 1] == '^')
                    text.Append(pattern[++i]);
                if (i + 1 < pattern.Length && pattern[i + 1] == ']')
                {
                    text.Append("\\]");
                    i++;
                }
            }
            else if (c == '[' && inClass)
            {
                text.Append("\\[");
            }
            else
            {
                if (c == ']')
                    inClass = false;
                text.Append(c switch
                {
                    ' ' when folded && !inClass => "[ \n]",
                    '$' when !inClass => @"\z",
                    // The letters of folded patterns are folded like the text, or stand as they are.
                    > '\x7F' when folded && UnicodeFold.Single(c) is var plain and >= 0 => inClass ? $"{c}{(char)plain}" : $"[{c}{(char)plain}]",
                    _ => c.ToString(),
                });
            }
        }
        return text.Replace("(?P<", "(?<").ToString();
    }
}
