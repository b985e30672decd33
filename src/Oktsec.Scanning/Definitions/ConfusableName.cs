using System.Text;
using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Definitions;

/// <summary>A name that reads like another server's tool without being it: look-alike letters, two letters swapped, one doubled.</summary>
internal static class ConfusableName
{
    // Of shorter names one letter is a large part: get, set and let are no imitations of each other.
    private const int MinLength = 8;

    // Separators, a doubled letter and rn for m are the only differences in length; most of thousands of names end here.
    private const int MaxLengthDifference = 4;

    /// <summary>What the eye takes for the other name.</summary>
    public static void FindLookAlike(ToolDefinition tool, DefinitionReport report) => Find(tool, report, IsLookAlike);

    /// <summary>One letter more, less or other within a word: create_isue. Seldom meant, yet chart and cart are two words.</summary>
    public static void FindMisspelt(ToolDefinition tool, DefinitionReport report) => Find(tool, report, IsMisspelt);

    private static void Find(ToolDefinition tool, DefinitionReport report, Func<string, string, bool> isLike)
    {
        // readFile and read_file are honest names of two servers for one thing.
        var plain = Plain(tool.Name);
        if (plain.Length == 0 || !tool.OtherTools.Any(other => Math.Abs(other.Length - tool.Name.Length) <= MaxLengthDifference && Plain(other) is var p && p != plain && isLike(tool.Name, other)))
            return;
        foreach (var field in tool.Of(FieldRoles.ToolName).Take(1))
            report(field, 0, tool.Text(field).Length);
    }

    private static bool IsLookAlike(string name, string other)
    {
        var (a, b) = (Skeleton(name), Skeleton(other));
        // Of a disguised pair the one with the odd letters imitates; of a swapped pair nobody can tell, and a person must.
        return a == b ? Oddities(name) >= Oddities(other) : Math.Min(a.Length, b.Length) >= MinLength && (IsSwap(a, b) || IsDoubling(a, b) || IsDoubling(b, a));
    }

    private static bool IsMisspelt(string name, string other)
    {
        var (a, b) = (name.ToLowerInvariant(), other.ToLowerInvariant());
        if (Math.Min(a.Length, b.Length) < MinLength || Math.Abs(a.Length - b.Length) > 1 || IsLookAlike(name, other))
            return false;
        var at = a.AsSpan().CommonPrefixLength(b);
        var (longer, shorter) = a.Length >= b.Length ? (a, b) : (b, a);
        // Letters on both sides: a plural ends a word, a verb begins with another letter, v1 and v2 are numbers.
        return at > 1 && at + 1 < longer.Length
            && longer.AsSpan(at + 1).SequenceEqual(shorter.AsSpan(a.Length == b.Length ? at + 1 : at))
            && IsLetter(longer[at - 2]) && IsLetter(longer[at - 1]) && IsLetter(longer[at]) && IsLetter(longer[at + 1]);
    }

    private static bool IsLetter(char c) => char.IsAsciiLetterLower(c);

    // Neighbours changed places, neither of them first: form and from are confused, on and no are not.
    private static bool IsSwap(string a, string b)
    {
        if (a.Length != b.Length)
            return false;
        var at = a.AsSpan().CommonPrefixLength(b);
        return at > 0 && at + 1 < a.Length && a[at] == b[at + 1] && a[at + 1] == b[at] && a.AsSpan(at + 2).SequenceEqual(b.AsSpan(at + 2));
    }

    private static bool IsDoubling(string longer, string shorter)
    {
        if (longer.Length != shorter.Length + 1)
            return false;
        var at = longer.AsSpan().CommonPrefixLength(shorter);
        return at > 0 && longer[at] == longer[at - 1] && longer.AsSpan(at + 1).SequenceEqual(shorter.AsSpan(at));
    }

    private static int Oddities(string name)
    {
        var count = 0;
        for (var i = 0; i < name.Length; i++)
            if (!char.IsAscii(name[i]) || name[i] is '0' or '1' or '3' or '5' or '|' or 'I' || string.CompareOrdinal(name, i, "rn", 0, 2) == 0 || string.CompareOrdinal(name, i, "vv", 0, 2) == 0)
                count++;
        return count;
    }

    private static bool IsSeparator(char c) => c is '_' or '-' or ' ' or '.' or '/';

    private static string Plain(string name) => string.Concat(name.Where(c => !IsSeparator(c))).ToLowerInvariant();

    // Folded, without separators, digits that read as letters.
    private static string Skeleton(string name)
    {
        var source = Encoding.UTF8.GetBytes(name);
        var folded = new byte[3 * source.Length + 64];
        var length = UnicodeFold.Fold(source, 0, source.Length, folded);
        var text = Encoding.UTF8.GetString(folded, 0, length);
        return string.Concat(text.Where(c => !IsSeparator(c)).Select(c => c switch { '0' => 'o', '1' or 'l' or '|' => 'i', '5' => 's', '3' => 'e', _ => c })).Replace("rn", "m").Replace("vv", "w");
    }
}
