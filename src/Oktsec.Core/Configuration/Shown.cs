using System.Globalization;
using System.Text;

namespace Oktsec.Core.Configuration;

/// <summary>Text of a file as a problem shows it.</summary>
internal static class Shown
{
    // Long enough for any name; a problem stays one line.
    public const int MaxLength = 64;

    /// <summary>In quotes, shortened, with everything invisible escaped: a file must not steer the terminal of who checks it.</summary>
    public static string Quote(string text)
    {
        var shown = new StringBuilder(Math.Min(text.Length, MaxLength) + 2).Append('"');
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxLength)))
        {
            if (c is '"' or '\\')
                shown.Append('\\').Append(c);
            else if (IsVisible(c))
                shown.Append(c);
            else
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
        return shown.Append(text.Length > MaxLength ? "...\"" : "\"").ToString();
    }

    /// <summary>The first few, for "one of a, b, c".</summary>
    public static string List(IEnumerable<string> names) => string.Join(", ", names);

    private static bool IsVisible(char c) => char.GetUnicodeCategory(c) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
