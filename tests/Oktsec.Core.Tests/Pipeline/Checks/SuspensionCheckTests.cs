using Oktsec.Core.Pipeline;
using Oktsec.Core.Pipeline.Checks;

namespace Oktsec.Core.Tests.Pipeline.Checks;

public sealed class SuspensionCheckTests
{
    [Theory]
    [InlineData(true, DenyReason.AgentSuspended)]
    [InlineData(false, DenyReason.None)]
    public void Evaluate_Agent_IsDeniedWhileSuspended(bool isSuspended, DenyReason reason)
    {
        var policies = Make.Policies(Make.Config(Make.Agent() with { Suspended = isSuspended }, Make.Agent("ann")));

        Assert.Equal(reason, new SuspensionCheck().Evaluate(Make.Call(policies)).Reason);
        Assert.Equal(DenyReason.None, new SuspensionCheck().Evaluate(Make.Call(policies, Make.Said("ann"))).Reason);
    }

    [Theory]
    [InlineData("ping")]
    [InlineData("initialize")]
    [InlineData("notifications/cancelled")]
    public void Evaluate_SuspendedAgent_EveryMessageIsDenied(string method)
    {
        var policies = Make.Policies(Make.Config(Make.Agent() with { Suspended = true }));

        Assert.True(new SuspensionCheck().Evaluate(Make.Call(policies, method: method, isRequest: false, target: Target.None)).IsDenied);
    }

    [Fact]
    public void Evaluate_WithoutPolicy_IsNotItsQuestion() => Assert.False(new SuspensionCheck().Evaluate(Make.Call(hasPolicy: false)).IsDenied);
}
