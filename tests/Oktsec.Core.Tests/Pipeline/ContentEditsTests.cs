using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Oktsec.Core.Pipeline;
using Oktsec.Scanning;

namespace Oktsec.Core.Tests.Pipeline;

public sealed class ContentEditsTests
{
    [Fact]
    public void From_NothingToChange_IsEmpty()
    {
        Assert.Empty(ContentEdits.From([], default));
        Assert.Empty(ContentEdits.From([Make.Finding(RuleAction.Flag), Make.Finding(RuleAction.Block), Make.Finding(RuleAction.Redact, length: 0)], default));
    }

    [Fact]
    public void From_RedactAndStrip_BecomeLabelAndNothing() =>
        Assert.Equal("a[REDACTED:key]cd--g", Apply("aBBcdEE--g".Replace("EE", "\u200b", StringComparison.Ordinal), Redact(1, 2, "key"), Strip(5, 3)));

    [Fact]
    public void From_NoLabel_TakesTheRulesName() =>
        Assert.Equal("[REDACTED:prompt_injection]", Apply("xx", Make.Finding(RuleAction.Redact, start: 0, length: 2)));

    [Theory]
    [InlineData("overlapping", 2, 4, 4, 4, "ab[REDACTED:one]ij")]
    [InlineData("adjacent", 2, 4, 6, 2, "ab[REDACTED:one][REDACTED:two]ij")]
    [InlineData("nested", 2, 6, 3, 2, "ab[REDACTED:one]ij")]
    [InlineData("nested at the start", 2, 6, 2, 1, "ab[REDACTED:one]ij")]
    [InlineData("nested at the end", 2, 6, 7, 1, "ab[REDACTED:one]ij")]
    [InlineData("apart", 0, 1, 9, 1, "[REDACTED:one]bcdefghi[REDACTED:two]")]
    [InlineData("equal", 2, 6, 2, 6, "ab[REDACTED:one]ij")]
    public void From_TwoSpans_MergeOnlyWhereTheyOverlap(string how, int start1, int length1, int start2, int length2, string expected)
    {
        var text = Apply("abcdefghij", Redact(start1, length1, "one"), Redact(start2, length2, "two"));

        Assert.True(expected == text, $"{how}: {text}");
    }

    [Fact]
    public void From_OrderOfFindings_DoesNotMatterUnlessSpansAreEqual()
    {
        Assert.Equal("[REDACTED:one]e[REDACTED:two]", Apply("abcdefgh", Redact(5, 3, "two"), Redact(0, 4, "one")));
        Assert.Equal("[REDACTED:two]", Apply("abcd", Redact(0, 4, "two"), Redact(0, 4, "one")));
    }

    [Theory]
    [InlineData(0, 4, 2, 4)]
    [InlineData(2, 4, 0, 4)]
    [InlineData(0, 6, 2, 2)]
    [InlineData(2, 2, 0, 6)]
    public void From_RedactionAcrossRemoval_TheRedactionIsWritten(int strip, int stripLength, int redact, int redactLength) =>
        Assert.Equal("[REDACTED:key]gh", Apply("abcdefgh", Strip(strip, stripLength), Redact(redact, redactLength, "key")));

    [Fact]
    public void From_ChainOfOverlaps_IsOneEdit() =>
        Assert.Equal("[REDACTED:a]z", Apply("0123456789z", Redact(0, 4, "a"), Redact(3, 4, "b"), Redact(6, 4, "c")));

    [Fact]
    public void From_HostileRuleName_CannotEndTheString()
    {
        var edited = Apply("""{"t":"secret"}""", Make.Finding(RuleAction.Redact, start: 6, length: 6, name: "a\",\"b\":\"\u0001\\é]"));

        using var json = JsonDocument.Parse(edited);
        Assert.Single(json.RootElement.EnumerateObject());
    }

    [Theory]
    [InlineData("""{"card":4111111111111111,"n":1}""", 8, 16, """{"card":"[REDACTED:card]","n":1}""")]
    [InlineData("""[1, -4111111111111111e0 ]""", 5, 16, """[1, "[REDACTED:card]" ]""")]
    [InlineData("4111111111111111", 0, 16, "\"[REDACTED:card]\"")]
    [InlineData("""{"card":"4111111111111111"}""", 9, 16, """{"card":"[REDACTED:card]"}""")]
    [InlineData("""{"4111111111111111":2}""", 2, 16, """{"[REDACTED:card]":2}""")]
    [InlineData("""{"a":"no 4111111111111111 no"}""", 9, 16, """{"a":"no [REDACTED:card] no"}""")]
    [InlineData("no json 4111111111111111", 8, 16, "no json [REDACTED:card]")]
    public void From_NumberInJson_StaysJson(string json, int start, int length, string expected) =>
        Assert.Equal(expected, Apply(json, Redact(start, length, "card")));

    [Fact]
    public void From_TwoFindingsInOneNumber_AreOneString() =>
        Assert.Equal("""[1,"[REDACTED:a]",3]""", Apply("[1,4111111111111111,3]", Redact(3, 8, "a"), Redact(11, 8, "b")));

    // Any findings: sorted, disjoint, inside the content, and every byte of a redacted span is gone.
    [Fact]
    public void From_AnySpans_AreSortedDisjointAndCoverTheFindings()
    {
        var span = (from start in Gen.Choose(0, 40) from length in Gen.Choose(0, 20) from strip in Gen.Elements(true, false) select (start, length, strip)).ListOf().ToArbitrary();

        Prop.ForAll(span, spans =>
        {
            var findings = spans.Select((s, i) => s.strip ? Strip(s.start, s.length) : Redact(s.start, s.length, $"r{i}")).ToList();
            var edits = ContentEdits.From(findings, new byte[60]);
            var end = 0;
            foreach (var edit in edits)
            {
                if (edit.Start < end || edit.Length <= 0)
                    return false;
                end = edit.Start + edit.Length;
            }
            var changed = findings.Where(f => f.Finding.Length > 0).SelectMany(f => Enumerable.Range(f.Finding.Start, f.Finding.Length)).ToHashSet();
            var covered = edits.SelectMany(e => Enumerable.Range(e.Start, e.Length)).ToHashSet();
            return changed.SetEquals(covered);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    // A hostile result with a hundred thousand numbers: one walk, not one per number.
    [Fact]
    public void From_ManyNumbers_IsOneWalk()
    {
        const int count = 100_000;
        var json = "[" + string.Join(',', Enumerable.Repeat("4111111111111111", count)) + "]";
        var findings = Enumerable.Range(0, count).Select(i => Redact(1 + (i * 17), 16, "card")).ToList();

        Assert.Equal(count, ContentEdits.From(findings, Encoding.UTF8.GetBytes(json)).Count(e => e.Replacement.Length == "\"[REDACTED:card]\"".Length));
    }

    private static JudgedFinding Redact(int start, int length, string label) => Make.Finding(RuleAction.Redact, start: start, length: length, redactAs: label);

    private static JudgedFinding Strip(int start, int length) => Make.Finding(RuleAction.Strip, start: start, length: length);

    private static string Apply(string content, params JudgedFinding[] findings)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        var (output, at) = (new List<byte>(), 0);
        foreach (var edit in ContentEdits.From(findings, bytes))
        {
            output.AddRange(bytes[at..edit.Start]);
            output.AddRange(edit.Replacement.ToArray());
            at = edit.Start + edit.Length;
        }
        output.AddRange(bytes[at..]);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
