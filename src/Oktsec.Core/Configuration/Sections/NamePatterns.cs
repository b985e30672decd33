using Oktsec.Core.Configuration.Schema;

namespace Oktsec.Core.Configuration.Sections;

/// <summary>Lists of names in which <c>*</c> and <c>?</c> stand for anything.</summary>
internal static class NamePatterns
{
    // A tool's exposed name has at most 64 characters, a backend's 64 more; URIs are longer.
    private const int MaxLength = 1024;

    /// <summary>Names of tools or prompts.</summary>
    public static IReadOnlyList<string> ReadNames(ConfigSection section, string name, ProblemList problems)
    {
        foreach (var item in section.Items(name))
        {
            if (!Check(item, problems))
                continue;
            if (item.Text.StartsWith('!'))
                problems.Error(item.Mark, item.Path.ToString(), $"{Shown.Quote(item.Raw)}: ! does not exclude", "list what to exclude in denied_tools");
            // Somebody who writes these means a regular expression, and would believe it works.
            else if (item.Text.AsSpan().IndexOfAny("[]{}()^$|+\\") >= 0)
                problems.Error(item.Mark, item.Path.ToString(), $"{Shown.Quote(item.Raw)} is no pattern", "only * (any characters) and ? (one character) are special");
        }
        return section.Texts(name);
    }

    /// <summary>URIs, in which brackets are ordinary.</summary>
    public static IReadOnlyList<string> ReadUris(ConfigSection section, string name, ProblemList problems)
    {
        foreach (var item in section.Items(name))
            Check(item, problems);
        return section.Texts(name);
    }

    private static bool Check(ConfigValue item, ProblemList problems)
    {
        var wrong = item.Text.Length == 0 ? "is empty"
            : item.Text.Length > MaxLength ? $"is longer than {MaxLength} characters"
            : item.Text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) ? $"{Shown.Quote(item.Raw)} holds white space"
            : "";
        if (wrong.Length > 0)
            problems.Error(item.Mark, item.Path.ToString(), wrong, "write a name, or a pattern with * and ?");
        return wrong.Length == 0;
    }
}
