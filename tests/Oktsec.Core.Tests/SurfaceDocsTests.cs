using System.Text.RegularExpressions;

namespace Oktsec.Core.Tests;

/// <summary>docs/surfaces.md names every method of the revisions, and every row of it and of docs/threat-model.md a test that exists.</summary>
public sealed partial class SurfaceDocsTests
{
    private static readonly string[] s_published = File.ReadAllLines(Path.Join(Repository.Root, "tests", "Oktsec.Core.Tests", "mcp-methods.txt"));

    // In order of age.
    private static readonly string[] s_revisions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];

    private static readonly string s_tests = string.Join(
        '\n',
        Directory.EnumerateFiles(Path.Join(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(File.ReadAllText));

    public static TheoryData<string, string, int> Directions { get; } = [.. s_revisions.SelectMany<string, TheoryDataRow<string, string, int>>(r =>
        [new(r, "agent", 11), new(r, "backend", 10)])];

    [Theory]
    [MemberData(nameof(Directions))]
    public void Methods_OfTheRevision_HaveARow(string revision, string sender, int least)
    {
        var rows = Rows("surfaces.md", $"From {sender}s").Select(Cells).Where(cells => Covers(cells[1], revision)).ToList();
        var named = rows.SelectMany(cells => Quoted().Matches(cells[0])).Select(match => match.Groups[1].Value).ToHashSet();
        var published = s_published.Select(line => line.Split(' ')).Where(line => line[0] == revision && line[1] == sender).ToList();
        Assert.True(published.Count >= least, $"{published.Count} methods published");
        Assert.All(published, line => Assert.True(named.Contains(line[2]), $"{revision}: {line[2]} has no row in \"From {sender}s\""));
    }

    [Fact]
    public void Rows_SayOfWhichRevisions_AndNameACleanMessageAndAnAttack()
    {
        foreach (var row in Rows("surfaces.md").Where(row => row.Table is "From agents" or "From backends"))
        {
            var cells = Cells(row);
            Assert.True(cells.Length == 7, $"{cells.Length} cells in {row.Line}");
            Assert.Contains(s_revisions, revision => Covers(cells[1], revision));
            Assert.All(cells[5..], cell => Assert.Matches(Quoted(), cell));
        }
    }

    [Theory]
    [InlineData("all", "2024-11-05", true)]
    [InlineData("until 2025-06-18", "2025-06-18", true)]
    [InlineData("until 2025-06-18", "2025-11-25", false)]
    [InlineData("from 2025-06-18", "2025-03-26", false)]
    [InlineData("2025-11-25", "2025-06-18", false)]
    public void Revisions_OfARow_AreReadAsWritten(string cell, string revision, bool covers) => Assert.Equal(covers, Covers(cell, revision));

    [Theory]
    [InlineData("surfaces.md", 30)]
    [InlineData("threat-model.md", 20)]
    public void Rows_NameTestsThatExist(string page, int least)
    {
        var rows = Rows(page).Where(row => row.Table is not ("Who attacks, and what they control" or "Standards")).ToList();
        Assert.True(rows.Count >= least, $"{rows.Count} rows read of {page}");
        foreach (var row in rows)
        {
            var tested = row.Table is "From agents" or "From backends" ? string.Join(' ', Cells(row)[5..]) : Cells(row)[^1];
            var named = Quoted().Matches(tested).Select(match => match.Groups[1].Value).ToList();
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

    // `all`, `until REVISION`, `from REVISION` or the one REVISION; their names sort by age.
    private static bool Covers(string cell, string revision) => cell.Split(' ') switch
    {
        ["all"] => true,
        ["until", var last] => string.CompareOrdinal(revision, last) <= 0,
        ["from", var first] => string.CompareOrdinal(revision, first) >= 0,
        [var only] => revision == only,
        _ => false,
    };

    // From the class on to the next one that is not nested in it.
    private static string? Class(string name)
    {
        var start = Regex.Match(s_tests, $@"^public (?:sealed |abstract )(?:partial )?class {Regex.Escape(name)}\b", RegexOptions.Multiline);
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
