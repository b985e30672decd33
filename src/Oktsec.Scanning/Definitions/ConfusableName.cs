using System.Text;
using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Definitions;

/// <summary>A name that reads like another known tool's without being it: look-alike letters, other case or separators, one letter off.</summary>
internal static class ConfusableName
{
    // Of shorter names one letter is a large part: get, set and let are no imitations of each other.
    private const int MinLength = 6;

    public static void Find(ToolDefinition tool, DefinitionReport report)
    {
        if (tool.Name.Length == 0)
            return;
        var own = Skeleton(tool.Name);
        foreach (var other in tool.OtherTools)
        {
            if (other == tool.Name || !IsConfusable(own, Skeleton(other), tool.Name, other))
                continue;
            foreach (var field in tool.Of(FieldRoles.ToolName).Take(1))
                report(field, 0, tool.Text(field).Length);
            return;
        }
    }

    private static bool IsConfusable(string own, string other, string name, string otherName)
    {
        if (own == other)
            return true;
        // One letter replaced by a look-alike digit or swapped with its neighbour; a plural or another verb is another tool.
        return own.Length >= MinLength && own.Length == other.Length && name.Length == otherName.Length && IsSwap(own, other);
    }

    private static bool IsSwap(string a, string b)
    {
        for (var i = 0; i + 1 < a.Length; i++)
            if (a[i] != b[i])
                return a[i] == b[i + 1] && a[i + 1] == b[i] && string.CompareOrdinal(a, i + 2, b, i + 2, a.Length) == 0;
        return false;
    }

    // Folded, without separators, digits that read as letters.
    private static string Skeleton(string name)
    {
        var source = Encoding.UTF8.GetBytes(name);
        var folded = new byte[source.Length + 64];
        var length = UnicodeFold.Fold(source, 0, source.Length, folded);
        var text = Encoding.UTF8.GetString(folded, 0, length);
        return string.Concat(text.Where(c => c is not ('_' or '-' or ' ' or '.' or '/')).Select(c => c switch { '0' => 'o', '1' or 'l' or '|' => 'i', '5' => 's', '3' => 'e', _ => c })).Replace("rn", "m").Replace("vv", "w");
    }
}
