using System.Text.RegularExpressions;
using Oktsec.Core.Pipeline;

namespace Oktsec.Core.Tests.Pipeline;

/// <summary>docs/pipeline.md says what the code does, row by row.</summary>
public sealed partial class PipelineDocsTests
{
    private static readonly string s_page = File.ReadAllText(Path.Join(Repository.Root, "docs", "pipeline.md"));
    private static readonly string s_order = File.ReadAllText(Path.Join(Repository.Root, "src", "Oktsec.Core", "Pipeline", "PipelineOrder.cs"));

    public static TheoryData<string, ICheck[]> Lists
    {
        get
        {
            var state = new PipelineState(TimeProvider.System);
            return new()
            {
                { "Request", PipelineOrder.Request(state) },
                { "Response", PipelineOrder.Response(state) },
                { "Definition", PipelineOrder.Definition(state) },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void Checks_AreListedInOrderWithTheirQuestions(string list, ICheck[] checks)
    {
        var questions = Questions(list);

        Assert.Equal(checks.Length, questions.Count);
        Assert.Equal(checks.Select((check, i) => $"| {i + 1} | `{check.Name}` | {questions[i]} |"), Rows(list));
    }

    [Fact]
    public void Checks_NamesAreUniqueInAList() =>
        Assert.All(Lists, list => Assert.Equal(list.Data.Item2.Length, list.Data.Item2.Select(c => c.Name).Distinct().Count()));

    [Fact]
    public void DenyReasons_AreTheTable()
    {
        var expected = DenyReasons.Rows.Select(row =>
        {
            var wire = row.Wire switch
            {
                WireForm.ToolError => "tool error",
                WireForm.Nonexistent => "nonexistent",
                WireForm.Unauthorized => "HTTP 401",
                WireForm.Forbidden => "HTTP 403",
                WireForm.BadRequest => "HTTP 400",
                _ => throw new ArgumentOutOfRangeException(nameof(row)),
            };
            var status = row.Status.ToString().ToLowerInvariant();
            return $"| `{row.Word}` | {status} | {wire} | `{row.Event}` | {(row.IsObservable ? "delivered" : "holds")} |";
        });

        Assert.Equal(expected, Rows("Deny reasons"));
    }

    [Fact]
    public void WordsOfWhatPassed_AreTheTable() =>
        Assert.Equal(
            [DenyReasons.Allow, DenyReasons.Flagged, DenyReasons.Redacted, DenyReasons.WouldBlock + "REASON"],
            Rows("What was not denied").Select(row => row.Split('`')[1]));

    [Fact]
    public void Links_PointToFilesThatExist()
    {
        foreach (Match link in Link().Matches(s_page))
            Assert.True(File.Exists(Path.Join(Repository.Root, "docs", link.Groups[1].Value)), link.Value);
    }

    // The body rows of the first table under a heading.
    private static IEnumerable<string> Rows(string heading) =>
        s_page.Split('\n').SkipWhile(line => line.TrimStart('#', ' ') != heading || !line.StartsWith('#'))
            .SkipWhile(line => !line.StartsWith('|')).TakeWhile(line => line.StartsWith('|')).Skip(2);

    // The comments behind the lines of a list.
    private static List<string> Questions(string list)
    {
        var body = s_order[s_order.IndexOf($"ICheck[] {list}(", StringComparison.Ordinal)..];
        return [.. Question().Matches(body[..body.IndexOf("];", StringComparison.Ordinal)]).Select(match => match.Groups[1].Value.TrimEnd())];
    }

    [GeneratedRegex(@"^ +new \w+Check\(.*\), +// (.+)$", RegexOptions.Multiline)]
    private static partial Regex Question();

    [GeneratedRegex(@"\]\((\.\./[^)#]+)\)")]
    private static partial Regex Link();
}
