using System.Globalization;

namespace Oktsec.Clients.Documents;

/// <summary>Texts of YAML.</summary>
internal static class YamlText
{
    // What readers of YAML 1.1 or 1.2 take for something else than a text.
    private static readonly string[] s_words = ["", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"];

    /// <summary>Whether plain text means something else than itself.</summary>
    public static bool IsWord(string value) =>
        s_words.Contains(value, StringComparer.OrdinalIgnoreCase) || double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    /// <summary>Plain when every reader takes it for a text, else in double quotes.</summary>
    public static string Write(string value) =>
        value.Length > 0 && (char.IsAsciiLetter(value[0]) || value[0] is '/' or '_') && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/') && !IsWord(value)
            ? value
            : NodeText.Quoted(value);
}
