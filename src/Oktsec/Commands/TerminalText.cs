using System.Globalization;
using System.Text;

namespace Oktsec.Commands;

/// <summary>Makes text of agents and servers safe to print.</summary>
internal static class TerminalText
{
    /// <summary>Escapes what a terminal obeys or hides: control characters, escapes, direction and zero-width marks, line ends.</summary>
    /// <remarks>Without this a tool name could clear the screen, or write a row of its own into the log.</remarks>
    public static string Escape(string text) => Escape(text, keepLines: false);

    /// <summary>The same for text of several lines: line feeds and tabs stay.</summary>
    public static string EscapeLines(string text) => Escape(text, keepLines: true);

    private static string Escape(string text, bool keepLines)
    {
        StringBuilder? escaped = null;
        var done = 0;
        for (var i = 0; i < text.Length;)
        {
            var isWhole = Rune.TryGetRuneAt(text, i, out var rune);
            var length = isWhole ? rune.Utf16SequenceLength : 1;
            if (!isWhole || (IsUnsafe(rune) && !(keepLines && rune.Value is '\n' or '\t')))
            {
                escaped ??= new StringBuilder(text.Length + 16);
                escaped.Append(text, done, i - done).Append(Spelling(isWhole ? rune.Value : text[i]));
                done = i + length;
            }
            i += length;
        }
        return escaped is null ? text : escaped.Append(text, done, text.Length - done).ToString();
    }

    private static bool IsUnsafe(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;

    private static string Spelling(int value) => value switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        <= 0xff => $"\\x{value:x2}",
        <= 0xffff => $"\\u{value:x4}",
        _ => $"\\U{value:x8}",
    };
}
