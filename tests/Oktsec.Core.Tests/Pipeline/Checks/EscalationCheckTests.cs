using Oktsec.Core.Identity;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Pipeline.Checks;
using Oktsec.Core.Policy;
using Oktsec.Scanning;

namespace Oktsec.Core.Tests.Pipeline.Checks;

public sealed class EscalationCheckTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly EscalationCheck _check;

    public EscalationCheckTests() => _check = new EscalationCheck(new Offences(_time));

    [Theory]
    [InlineData(0, RuleAction.Flag, RuleAction.Flag)]
    [InlineData(2, RuleAction.Flag, RuleAction.Flag)]
    [InlineData(3, RuleAction.Flag, RuleAction.Quarantine)]
    [InlineData(4, RuleAction.Flag, RuleAction.Quarantine)]
    [InlineData(4, RuleAction.Quarantine, RuleAction.Quarantine)]
    [InlineData(5, RuleAction.Flag, RuleAction.Block)]
    [InlineData(5, RuleAction.Quarantine, RuleAction.Block)]
    [InlineData(50, RuleAction.Block, RuleAction.Block)]
    [InlineData(50, RuleAction.Log, RuleAction.Log)]
    [InlineData(50, RuleAction.Redact, RuleAction.Redact)]
    [InlineData(50, RuleAction.Strip, RuleAction.Strip)]
    public void Evaluate_EarlierOffences_Raise(int earlier, RuleAction action, RuleAction raised)
    {
        Offend(earlier);

        Assert.Equal(raised, Judge(action));
    }

    [Fact]
    public void Evaluate_QuarantineIsAnOffenceToo()
    {
        for (var i = 0; i < 3; i++)
            Judge(RuleAction.Quarantine);

        Assert.Equal(RuleAction.Quarantine, Judge(RuleAction.Flag));
    }

    [Fact]
    public void Evaluate_Flags_NeverRaiseThemselves()
    {
        for (var i = 0; i < 20; i++)
            Assert.Equal(RuleAction.Flag, Judge(RuleAction.Flag));
    }

    [Fact]
    public void Evaluate_OneMessageWithManyFindings_IsOneOffence()
    {
        var many = Enumerable.Repeat(Make.Finding(RuleAction.Block), 10).ToArray();
        _check.Evaluate(Make.Call(timestamp: _time.GetTimestamp(), findings: many));

        Assert.Equal(RuleAction.Flag, Judge(RuleAction.Flag));
    }

    [Fact]
    public void Evaluate_AnHourLater_OffencesAreForgotten()
    {
        Offend(3);
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        Assert.Equal(RuleAction.Quarantine, Judge(RuleAction.Flag)); // is itself an offence
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(RuleAction.Flag, Judge(RuleAction.Flag));
    }

    [Fact]
    public void Evaluate_Anonymous_IsNeverRaised()
    {
        Offend(10, Principal.Anonymous);

        Assert.Equal(RuleAction.Flag, Judge(RuleAction.Flag, Principal.Anonymous));
        Assert.Equal(RuleAction.Flag, Judge(RuleAction.Flag, Make.Said("anonymous")));
    }

    [Fact]
    public void Evaluate_AnotherAgent_IsNotRaised()
    {
        Offend(10);

        Assert.Equal(RuleAction.Flag, Judge(RuleAction.Flag, Make.Said("ann")));
    }

    [Theory]
    [InlineData(Place.Result)]
    [InlineData(Place.Definition)]
    public void Evaluate_FindingsOfAServer_NeitherCountNorRise(Place place)
    {
        for (var i = 0; i < 10; i++)
            _check.Evaluate(Make.Call(place: place, timestamp: _time.GetTimestamp(), findings: Make.Finding(RuleAction.Block)));
        Assert.Equal(RuleAction.Flag, Judge(RuleAction.Flag));
        Offend(10);
        var call = Make.Call(place: place, timestamp: _time.GetTimestamp(), findings: Make.Finding());
        _check.Evaluate(call);

        Assert.Equal(RuleAction.Flag, call.Findings[0].Action);
    }

    [Fact]
    public void Evaluate_WithoutPolicyOrFindings_Continues()
    {
        Assert.False(_check.Evaluate(Make.Call(hasPolicy: false, findings: Make.Finding())).IsDenied);
        Assert.False(_check.Evaluate(Make.Call(hasPolicy: false)).IsDenied);
    }

    private void Offend(int times, Principal? principal = null)
    {
        for (var i = 0; i < times; i++)
            Judge(RuleAction.Block, principal);
    }

    private RuleAction Judge(RuleAction action, Principal? principal = null)
    {
        var call = Make.Call(principal: principal, timestamp: _time.GetTimestamp(), findings: Make.Finding(action));
        Assert.False(_check.Evaluate(call).IsDenied);
        return call.Findings[0].Action;
    }
}
