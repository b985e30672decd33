using System.Text.RegularExpressions;

namespace Oktsec.Core.Tests;

/// <summary>docs/surfaces.md names every method of the revisions, and every row of it and of docs/threat-model.md a test that exists.</summary>
public sealed partial class SurfaceDocsTests
{
    // schema.json of each revision: ClientRequest, ServerRequest, ClientNotification, ServerNotification.
    private const string FromAgents2025March =
        "initialize ping resources/list resources/templates/list resources/read resources/subscribe resources/unsubscribe prompts/list prompts/get "
        + "tools/list tools/call logging/setLevel completion/complete "
        + "notifications/cancelled notifications/initialized notifications/progress notifications/roots/list_changed";

    private const string FromBackends2025March =
        "ping sampling/createMessage roots/list "
        + "notifications/cancelled notifications/progress notifications/resources/list_changed notifications/resources/updated "
        + "notifications/prompts/list_changed notifications/tools/list_changed notifications/message";

    private const string Tasks = " tasks/get tasks/result tasks/cancel tasks/list notifications/tasks/status";

    private static readonly string s_tests = string.Join(
        '\n',
        Directory.EnumerateFiles(Path.Join(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(File.ReadAllText));

    public static TheoryData<string, string, string> Revisions { get; } = new()
    {
        { "2025-03-26", "From agents", FromAgents2025March },
        { "2025-03-26", "From backends", FromBackends2025March },
        { "2025-06-18", "From agents", FromAgents2025March },
        { "2025-06-18", "From backends", FromBackends2025March + " elicitation/create" },
        { "2025-11-25", "From agents", FromAgents2025March + Tasks },
        { "2025-11-25", "From backends", FromBackends2025March + " elicitation/create notifications/elicitation/complete" + Tasks },
    };

    [Theory]
    [MemberData(nameof(Revisions))]
    public void Methods_OfTheRevision_HaveARow(string revision, string direction, string methods)
    {
        var named = Rows("surfaces.md", direction).SelectMany(row => Quoted().Matches(Cells(row)[0])).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.All(methods.Split(' '), method => Assert.True(named.Contains(method), $"{revision}: {method} has no row in \"{direction}\""));
    }

    [Theory]
    [InlineData("surfaces.md", 30)]
    [InlineData("threat-model.md", 20)]
    public void Rows_NameTestsThatExist(string page, int least)
    {
        var rows = Rows(page).Where(row => row.Table is not ("Who attacks, and what they control" or "Standards")).ToList();
        Assert.True(rows.Count >= least, $"{rows.Count} rows read of {page}");
        foreach (var row in rows)
        {
            var named = Quoted().Matches(Cells(row)[^1]).Select(match => match.Groups[1].Value).ToList();
            Assert.True(named.Count > 0, $"{page}: no test named in {row.Line}");
            var tests = "";
            foreach (var name in named)
            {
                // `Class.Method`, `Class`, or a further `Method` of the class before it.
                var parts = name.Split('.');
                if (Class(parts[0]) is { } code)
                    tests = code;
                else
                    Assert.True(parts.Length == 1 && parts[0].Contains('_', StringComparison.Ordinal), $"{page}: there is no test class {parts[0]}");
                Assert.Matches(@"\[(?:Fact|Theory)\b", tests);
                if (parts[^1].Contains('_', StringComparison.Ordinal))
                    Assert.True(IsTest(tests, parts[^1]), $"{page}: there is no test {name}");
            }
        }
    }

    [Theory]
    [InlineData("surfaces.md")]
    [InlineData("threat-model.md")]
    public void Pages_LeaveNothingForLater(string page) =>
        Assert.DoesNotContain("none yet", Text(page), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void Class_NobodyWrote_IsNotFound()
    {
        Assert.Null(Class("Surface" + "Tests"));
        Assert.False(IsTest(Class(nameof(SurfaceDocsTests))!, nameof(Text)));
        Assert.True(IsTest(Class(nameof(SurfaceDocsTests))!, nameof(Pages_LeaveNothingForLater)));
    }

    private static string Text(string page) => File.ReadAllText(Path.Join(Repository.Root, "docs", page));

    // From the class on to the next one that is not nested in it.
    private static string? Class(string name)
    {
        var start = Regex.Match(s_tests, $@"^public sealed (?:partial )?class {Regex.Escape(name)}\b", RegexOptions.Multiline);
        if (!start.Success)
            return null;
        var rest = s_tests[start.Index..];
        var end = rest.IndexOf("\n}", StringComparison.Ordinal);
        return end < 0 ? rest : rest[..end];
    }

    // An attribute, then maybe its data, then the method.
    private static bool IsTest(string code, string method) =>
        Regex.IsMatch(code, $@"^    \[(?:Fact|Theory)[^\n]*\n(?:    \[[^\n]*\n|     [^\n]*\n)*    public [^\n]*\b{Regex.Escape(method)}\(", RegexOptions.Multiline);

    private static IEnumerable<(string Table, string Line)> Rows(string page, string heading) => Rows(page).Where(row => row.Table == heading);

    private static IEnumerable<(string Table, string Line)> Rows(string page)
    {
        var (table, number) = ("", 0);
        foreach (var line in Text(page).Split('\n'))
        {
            if (line.StartsWith('#'))
                (table, number) = (line.TrimStart('#', ' '), 0);
            else if (line.StartsWith('|') && ++number > 2) // its head and the rule below
                yield return (table, line);
        }
    }

    private static string[] Cells((string Table, string Line) row) => [.. row.Line.Trim('|').Split(" | ").Select(cell => cell.Trim())];

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
