using Oktsec.Core.Configuration;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Pipeline.Checks;
using Oktsec.Core.Policy;

namespace Oktsec.Core.Tests.Pipeline.Checks;

public sealed class ConcurrencyCheckTests
{
    private readonly ConcurrencyCheck _check = new(new ConcurrencyGate());
    private readonly PolicySnapshot _one = Make.Policies(Make.Config(Make.Agent() with { MaxConcurrentCalls = 1 }, Make.Agent("ann") with { MaxConcurrentCalls = 1 }));

    [Fact]
    public void Evaluate_SecondCallAtOnce_DeniesUntilTheFirstEnds()
    {
        var first = _check.Evaluate(Make.Call(_one));
        var second = _check.Evaluate(Make.Call(_one));

        Assert.Equal((DenyReason.ConcurrencyExceeded, 1), (second.Reason, second.RetryAfterSeconds));
        Assert.Null(second.Lease);
        first.Lease!.Dispose();
        Assert.NotNull(_check.Evaluate(Make.Call(_one)).Lease);
    }

    [Fact]
    public void Evaluate_AnotherAgent_HasItsOwnLimit()
    {
        Assert.NotNull(_check.Evaluate(Make.Call(_one)).Lease);
        Assert.NotNull(_check.Evaluate(Make.Call(_one, Make.Said("ann"))).Lease);
    }

    [Fact]
    public void Evaluate_NamesNoPolicyKnows_ShareOneLimit()
    {
        var policies = Make.Policies();
        for (var i = 0; i < new AgentConfig { Name = "" }.MaxConcurrentCalls; i++)
            Assert.NotNull(_check.Evaluate(Make.Call(policies, Make.Said($"agent-{i}"))).Lease);

        Assert.Equal(DenyReason.ConcurrencyExceeded, _check.Evaluate(Make.Call(policies, Make.Said("one-more"))).Reason);
    }

    [Fact]
    public void Evaluate_NotificationOrMethodWithoutTarget_HoldsNothing()
    {
        Assert.Null(_check.Evaluate(Make.Call(_one, isRequest: false)).Lease);
        Assert.Null(_check.Evaluate(Make.Call(_one, method: "tools/list", target: Target.None)).Lease);
        Assert.NotNull(_check.Evaluate(Make.Call(_one)).Lease);
    }

    [Fact]
    public void Evaluate_WithoutPolicy_Denies() =>
        Assert.Equal(DenyReason.AgentUnknown, _check.Evaluate(Make.Call(hasPolicy: false)).Reason);
}
