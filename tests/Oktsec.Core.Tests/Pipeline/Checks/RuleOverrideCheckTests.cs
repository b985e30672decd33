using Oktsec.Core.Configuration;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Pipeline.Checks;
using Oktsec.Scanning;

namespace Oktsec.Core.Tests.Pipeline.Checks;

public sealed class RuleOverrideCheckTests
{
    [Theory]
    [InlineData(RuleOverrideAction.AllowAndFlag, RuleAction.Flag)]
    [InlineData(RuleOverrideAction.Redact, RuleAction.Redact)]
    [InlineData(RuleOverrideAction.Quarantine, RuleAction.Quarantine)]
    [InlineData(RuleOverrideAction.Block, RuleAction.Block)]
    [InlineData(null, RuleAction.Quarantine)]
    public void Evaluate_Action_ReplacesTheRules(RuleOverrideAction? action, RuleAction expected)
    {
        var judged = Judge([new() { Id = "PI-001", Action = action, Notify = ["ops"] }], Make.Finding(RuleAction.Quarantine, Severity.High));

        Assert.Equal((expected, Severity.High), (judged!.Action, judged.Severity));
    }

    [Fact]
    public void Evaluate_Ignore_DropsTheFindingAndNoOther()
    {
        var call = Make.Call(
            Make.Policies(Make.Config() with { Rules = [new() { Id = "PI-001", Action = RuleOverrideAction.Ignore }] }),
            findings: [Make.Finding(), Make.Finding(rule: "PI-003"), Make.Finding()]);
        new RuleOverrideCheck().Evaluate(call);

        Assert.Equal("PI-003", Assert.Single(call.Findings).Finding.RuleId);
    }

    [Theory]
    [InlineData(Severity.Low, RuleAction.Log)]
    [InlineData(Severity.Medium, RuleAction.Flag)]
    [InlineData(Severity.High, RuleAction.Quarantine)]
    [InlineData(Severity.Critical, RuleAction.Block)]
    public void Evaluate_SeverityAlone_BringsItsDefaultAction(Severity severity, RuleAction action)
    {
        var judged = Judge([new() { Id = "PI-001", Severity = severity }], Make.Finding());

        Assert.Equal((severity, action), (judged!.Severity, judged.Action));
    }

    [Theory]
    [InlineData(RuleAction.Redact, Severity.Medium)]
    [InlineData(RuleAction.Redact, Severity.Critical)]
    [InlineData(RuleAction.Strip, Severity.Low)]
    public void Evaluate_SeverityAlone_DoesNotSwitchARedactionOff(RuleAction action, Severity severity) =>
        Assert.Equal(action, Judge([new() { Id = "PI-001", Severity = severity }], Make.Finding(action))!.Action);

    [Fact]
    public void Evaluate_SeverityAndAction_BothCount()
    {
        var judged = Judge([new() { Id = "PI-001", Severity = Severity.Low, Action = RuleOverrideAction.Block }], Make.Finding());

        Assert.Equal((Severity.Low, RuleAction.Block), (judged!.Severity, judged.Action));
    }

    [Theory]
    [InlineData("pi-001")]
    [InlineData("PI-0010")]
    [InlineData("PI-003")]
    public void Evaluate_OverrideOfAnotherRule_ChangesNothing(string id) =>
        Assert.Equal(RuleAction.Flag, Judge([new() { Id = id, Action = RuleOverrideAction.Ignore }], Make.Finding())!.Action);

    [Fact]
    public void Evaluate_GeneralAndSpecial_TheSpecialDecidesWhateverTheOrder()
    {
        RuleConfig general = new() { Id = "PI-001", Action = RuleOverrideAction.Ignore };
        RuleConfig special = new() { Id = "PI-001", Action = RuleOverrideAction.Block, ApplyToTools = ["files/read"] };

        Assert.Equal(RuleAction.Block, Judge([general, special], Make.Finding())!.Action);
        Assert.Equal(RuleAction.Block, Judge([special, general], Make.Finding())!.Action);
        Assert.Null(Judge([special, general], Make.Finding(), Make.Tool("files", "write")));
    }

    [Fact]
    public void Evaluate_TwoSpecialOnes_TheLaterDecides()
    {
        RuleConfig wide = new() { Id = "PI-001", Action = RuleOverrideAction.Block, ApplyToTools = ["files/*"] };
        RuleConfig narrow = new() { Id = "PI-001", Action = RuleOverrideAction.AllowAndFlag, ApplyToTools = ["files/read"] };

        Assert.Equal(RuleAction.Flag, Judge([wide, narrow], Make.Finding())!.Action);
        Assert.Equal(RuleAction.Block, Judge([narrow, wide], Make.Finding())!.Action);
    }

    [Fact]
    public void Evaluate_EntryThatOnlyNotifies_BringsNothingBack()
    {
        RuleConfig ignore = new() { Id = "PI-001", Action = RuleOverrideAction.Ignore };
        RuleConfig notify = new() { Id = "PI-001", Notify = ["ops"], ApplyToTools = ["files/read"] };

        Assert.Null(Judge([ignore, notify], Make.Finding()));
    }

    // A hostile server picks its tools' names: it may make things stricter for itself, never laxer.
    [Theory]
    [InlineData(RuleOverrideAction.Ignore, RuleAction.Quarantine)]
    [InlineData(RuleOverrideAction.AllowAndFlag, RuleAction.Quarantine)]
    [InlineData(RuleOverrideAction.Block, RuleAction.Block)]
    public void Evaluate_BareNameAmongServers_MayOnlyStrengthen(RuleOverrideAction action, RuleAction expected)
    {
        RuleConfig rule = new() { Id = "PI-001", Action = action, ApplyToTools = ["read"] };

        Assert.Equal(expected, Judge([rule], Make.Finding(RuleAction.Quarantine), Make.Tool("evil", "read"))!.Action);
        Assert.Equal(expected, Judge([rule], Make.Finding(RuleAction.Quarantine), Make.Tool("evil", "read", "evil_read", isUnique: false))!.Action);
        Assert.Equal(expected, Judge([rule], Make.Finding(RuleAction.Quarantine), Make.Tool("files", "read"))!.Action);
    }

    [Fact]
    public void Evaluate_DoubtfulSeverity_NeverFalls()
    {
        RuleConfig rule = new() { Id = "PI-001", Severity = Severity.Low, Action = RuleOverrideAction.Block, ApplyToTools = ["read"] };
        var judged = Judge([rule], Make.Finding(RuleAction.Flag, Severity.High), Make.Tool("evil", "read"));

        Assert.Equal((Severity.High, RuleAction.Block), (judged!.Severity, judged.Action));
    }

    [Fact]
    public void Evaluate_DoubtfulEntryAfterIgnore_CountsWhenItStrengthens()
    {
        RuleConfig ignore = new() { Id = "PI-001", Action = RuleOverrideAction.Ignore };
        RuleConfig block = new() { Id = "PI-001", Action = RuleOverrideAction.Block, ApplyToTools = ["read"] };

        Assert.Equal(RuleAction.Block, Judge([ignore, block], Make.Finding(), Make.Tool("evil", "read"))!.Action);
    }

    [Fact]
    public void Evaluate_WithoutPolicyFindingsOrOverrides_Continues()
    {
        var policies = Make.Policies(Make.Config() with { Rules = [new() { Id = "PI-001", Action = RuleOverrideAction.Ignore }] });

        Assert.False(new RuleOverrideCheck().Evaluate(Make.Call(policies, hasPolicy: false)).IsDenied);
        Assert.False(new RuleOverrideCheck().Evaluate(Make.Call(hasPolicy: false, findings: Make.Finding())).IsDenied);
    }

    private static JudgedFinding? Judge(RuleConfig[] rules, JudgedFinding finding, Target? target = null)
    {
        var call = Make.Call(Make.Policies(Make.Config() with { Rules = rules }), target: target, findings: finding);
        Assert.False(new RuleOverrideCheck().Evaluate(call).IsDenied);
        return call.Findings.SingleOrDefault();
    }
}
