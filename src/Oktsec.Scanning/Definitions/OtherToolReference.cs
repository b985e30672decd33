using System.Text;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Definitions;

/// <summary>A description that tells how to use another server's tool: before, after, instead, or with what in its arguments.</summary>
internal static class OtherToolReference
{
    // Names like "search" are words; a reference is to a name with a separator or an inner capital.
    private const int MinLength = 5;

    // As far from the name as a clause reaches.
    private const int Reach = 80;

    // Left out: "first", "after", "prefer", "deprecated" stand beside foreign names in honest comparisons, too.
    private static readonly string[] Orders =
    [
        "before", "instead", "must", "always", "never", "whenever", "when using", "when calling", "when the", "do not use", "don't use", "replace", "override", "also call", "redirect", "change the", "every time", "each time",
    ];

    public static void Find(ToolDefinition tool, DefinitionReport report)
    {
        foreach (var field in tool.Of(FieldRoles.Description))
        {
            var text = Encoding.UTF8.GetString(tool.Text(field));
            foreach (var other in tool.OtherTools)
            {
                if (other.Length < MinLength || other == tool.Name || !IsDistinct(other) || IndexOfName(text, other) is not (>= 0 and var at))
                    continue;
                var from = Math.Max(0, at - Reach);
                var around = text[from..Math.Min(text.Length, at + other.Length + Reach)];
                if (!Array.Exists(Orders, order => around.Contains(order, StringComparison.OrdinalIgnoreCase)))
                    continue;
                report(field, Encoding.UTF8.GetByteCount(text.AsSpan(0, at)), Encoding.UTF8.GetByteCount(other));
                break;
            }
        }
    }

    private static bool IsDistinct(string name) => name.Contains('_') || name.Contains('-') || name.Skip(1).Any(char.IsUpper);

    private static int IndexOfName(string text, string name)
    {
        for (var at = text.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var isStart = at == 0 || !(char.IsLetterOrDigit(text[at - 1]) || text[at - 1] == '_');
            var end = at + name.Length;
            if (isStart && (end == text.Length || !(char.IsLetterOrDigit(text[end]) || text[end] == '_')))
                return at;
        }
        return -1;
    }
}
