using Oktsec.Core.Configuration;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Pipeline.Checks;
using Oktsec.Core.Policy;
using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Core.Tests.Pipeline.Checks;

/// <summary>With a rule set of one rule: the word "marker" is taken out of arguments and redacted in results.</summary>
public sealed class ContentScanCheckTests
{
    private static readonly ContentScanner s_scanner = new(RuleSet.Create([
        new Rule
        {
            Id = "X-001",
            Name = "marker",
            Category = "custom",
            Severity = Severity.High,
            Actions = new ActionByPlace(RuleAction.Strip, null, RuleAction.Redact),
            Patterns = [new RulePattern("p", PatternType.Word, "marker", PatternView.Folded)],
        },
    ], out _));

    [Theory]
    [InlineData("""{"text":"nothing"}""", 0)]
    [InlineData("""{"text":"a marker"}""", 1)]
    [InlineData("""{"text":"a marker, a MARKER"}""", 2)]
    [InlineData("""{"a":{"b":["x","marker"]},"marker":1}""", 2)]
    [InlineData("""{"text":"m\u0061rker"}""", 1)]
    [InlineData("no json, marker", 1)]
    public void Evaluate_Content_FindingsAreKept(string content, int count)
    {
        var call = Call(content, Place.Result);

        Assert.False(new ContentScanCheck().Evaluate(call).IsDenied);
        Assert.Equal(count, call.Findings.Count);
        Assert.All(call.Findings, f => Assert.Equal((Severity.High, RuleAction.Redact), (f.Severity, f.Action)));
    }

    [Fact]
    public void Evaluate_NoContent_IsNotScanned()
    {
        var call = Make.Call(content: ""); // its scanner has no rules and would throw

        Assert.False(new ContentScanCheck().Evaluate(call).IsDenied);
        Assert.Empty(call.Findings);
    }

    [Fact]
    public void Evaluate_WithoutPolicy_ScansAllTheSame()
    {
        var call = Call("""{"text":"a marker"}""", Place.Result, hasPolicy: false);
        new ContentScanCheck().Evaluate(call);

        Assert.Single(call.Findings);
    }

    // {"path":"/safe","pa<invisible>th":"/etc/shadow"} less the invisible character would be another message than the one that was judged.
    [Theory]
    [InlineData("""{"text":"a marker"}""", Place.Arguments, RuleAction.Strip)]
    [InlineData("""{"a marker":"text"}""", Place.Arguments, RuleAction.Quarantine)]
    [InlineData("""{"x":[{"a marker":1}]}""", Place.Arguments, RuleAction.Quarantine)]
    [InlineData("""{"a marker":"text"}""", Place.Result, RuleAction.Redact)]
    public void Evaluate_RemovalFromAKeyOfArguments_IsQuarantinedInstead(string content, Place place, RuleAction action)
    {
        var call = Call(content, place);
        new ContentScanCheck().Evaluate(call);

        Assert.Equal(action, Assert.Single(call.Findings).Action);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void ResponseScan_ScanResponses_SwitchesIt(bool isOn, bool finds)
    {
        var policies = new PolicySnapshot(new OktsecConfig { Gateway = new() { ScanResponses = isOn } }, s_scanner, isObserving: false);
        var call = Make.Call(policies, isRequest: false, content: """{"text":"a marker"}""", place: Place.Result);
        new ResponseScanCheck(new ContentScanCheck()).Evaluate(call);

        Assert.Equal(finds, call.Findings.Count > 0);
    }

    private static CallContext Call(string content, Place place, bool hasPolicy = true) =>
        Make.Call(Make.Policies(scanner: s_scanner), content: content, place: place, hasPolicy: hasPolicy);
}
