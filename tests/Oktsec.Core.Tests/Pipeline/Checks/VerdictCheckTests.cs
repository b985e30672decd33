using Oktsec.Core.Configuration;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Pipeline.Checks;
using Oktsec.Scanning;

namespace Oktsec.Core.Tests.Pipeline.Checks;

/// <summary>The verdict and quarantine checks together: one of them denies what deserves it.</summary>
public sealed class VerdictCheckTests
{
    [Theory]
    [InlineData(RuleAction.Log, DenyReason.None, DenyReason.None)]
    [InlineData(RuleAction.Flag, DenyReason.None, DenyReason.None)]
    [InlineData(RuleAction.Strip, DenyReason.None, DenyReason.None)]
    [InlineData(RuleAction.Redact, DenyReason.None, DenyReason.None)]
    [InlineData(RuleAction.Quarantine, DenyReason.None, DenyReason.ContentQuarantined)]
    [InlineData(RuleAction.Block, DenyReason.ContentBlocked, DenyReason.None)]
    public void Evaluate_StrongestAction_Decides(RuleAction action, DenyReason verdict, DenyReason quarantine)
    {
        var call = Make.Call(hasPolicy: false, findings: [Make.Finding(RuleAction.Log), Make.Finding(action), Make.Finding(RuleAction.Log)]);

        Assert.Equal(verdict, new VerdictCheck().Evaluate(call).Reason);
        Assert.Equal(quarantine, new QuarantineCheck().Evaluate(call).Reason);
    }

    [Theory]
    [InlineData(Place.Arguments)]
    [InlineData(Place.Result)]
    [InlineData(Place.Definition)]
    public void Evaluate_Block_DeniesAtEveryPlace(Place place) =>
        Assert.True(new VerdictCheck().Evaluate(Make.Call(place: place, findings: Make.Finding(RuleAction.Block))).IsDenied);

    [Theory]
    [InlineData(RuleAction.Redact)]
    [InlineData(RuleAction.Strip)]
    public void Evaluate_RedactionOfNothing_IsHeldInstead(RuleAction action) =>
        Assert.Equal(DenyReason.ContentQuarantined, new QuarantineCheck().Evaluate(Make.Call(findings: Make.Finding(action, length: 0))).Reason);

    [Fact]
    public void Evaluate_NoFindings_Continues()
    {
        Assert.False(new VerdictCheck().Evaluate(Make.Call()).IsDenied);
        Assert.False(new QuarantineCheck().Evaluate(Make.Call()).IsDenied);
    }

    [Fact]
    public void Evaluate_QuarantineSwitchedOff_Blocks()
    {
        var policies = Make.Policies(Make.Config() with { Quarantine = new QuarantineConfig { Enabled = false } });

        Assert.Equal(DenyReason.ContentBlocked, new QuarantineCheck().Evaluate(Make.Call(policies, findings: Make.Finding(RuleAction.Quarantine))).Reason);
    }
}
