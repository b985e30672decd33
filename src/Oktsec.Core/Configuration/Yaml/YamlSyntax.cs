using YamlDotNet.Core;
using Place = YamlDotNet.Core.Mark;

namespace Oktsec.Core.Configuration.Yaml;

/// <summary>Turns the parser's complaint into one that says what to change.</summary>
internal static class YamlSyntax
{
    private const string TabRemedy = "indent with spaces, not with tabs";

    public static Mark MarkOf(Place place) => new((int)place.Line, (int)place.Column);

    public static YamlFault Explain(string text, YamlException e)
    {
        var mark = MarkOf(e.Start);
        var line = LineOf(text, mark.Line);
        var message = "not valid YAML: " + Sentence(e.Message);
        // The parser notices a tab at the end of the line before.
        if (IsIndentedWithTab(LineOf(text, mark.Line + 1)))
            return new YamlFault(new Mark(mark.Line + 1, 1), KeyPath.Root, message, TabRemedy);
        return new YamlFault(mark, KeyPath.Root, message, IsIndentedWithTab(line) ? TabRemedy : Remedy(line));
    }

    private static bool IsIndentedWithTab(ReadOnlySpan<char> line) => line[..(line.Length - line.TrimStart().Length)].Contains('\t');

    private static string Remedy(ReadOnlySpan<char> line)
    {
        var value = line.TrimStart();
        if (value.Count(": ") > 1)
            return "put a value that contains \": \" in quotes";
        if (value.Contains(" *", StringComparison.Ordinal) || value.Contains("[*", StringComparison.Ordinal))
            return "put a pattern that starts with * in quotes: \"*\"";
        if (value.Contains(": @", StringComparison.Ordinal) || value.StartsWith("- @", StringComparison.Ordinal) || value.Contains('`'))
            return "put a value that starts with @ or ` in quotes";
        return "check the indentation and the quotes in this line and the one before it";
    }

    private static ReadOnlySpan<char> LineOf(string text, int line)
    {
        var rest = text.AsSpan();
        for (var i = 1; i < line; i++)
        {
            var end = rest.IndexOf('\n');
            if (end < 0)
                return [];
            rest = rest[(end + 1)..];
        }
        var length = rest.IndexOf('\n');
        return length < 0 ? rest : rest[..length];
    }

    // The parser's own sentences name only indicators; what begins otherwise may quote the file, and so perhaps a secret.
    private static string Sentence(string message) =>
        message.StartsWith("While ", StringComparison.Ordinal) || message.StartsWith("Did not ", StringComparison.Ordinal)
            ? char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.').Replace(",  ", ", ", StringComparison.Ordinal)
            : "this does not fit what stands before it";
}
