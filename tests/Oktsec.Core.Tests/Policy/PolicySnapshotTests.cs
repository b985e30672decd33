using Oktsec.Core.Configuration;
using Oktsec.Core.Identity;

namespace Oktsec.Core.Tests.Policy;

public sealed class PolicySnapshotTests
{
    [Fact]
    public void PolicyOf_NoAgents_EveryNameGetsTheOpenPolicyAndOneLimit()
    {
        var policies = Make.Policies();
        var (bob, anonymous) = (policies.PolicyOf(Make.Said("bob"))!, policies.PolicyOf(Principal.Anonymous)!);

        Assert.True(bob.Allows(Make.Tool("evil", "anything")));
        Assert.False(bob.IsNamed);
        Assert.Equal(bob.LimitKey, anonymous.LimitKey);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void PolicyOf_UnknownNameAmongAgents_FollowsDefaultPolicy(bool isDefaultAllow, bool isNull)
    {
        var policies = Make.Policies(Make.Config(Make.Agent()) with { DefaultAllow = isDefaultAllow });

        Assert.Equal(isNull, policies.PolicyOf(Make.Said("eve")) is null);
        Assert.Equal("bob", policies.PolicyOf(Make.Said("bob"))!.LimitKey);
    }

    [Fact]
    public void PolicyOf_AgentNamedAnonymous_IsItsOwn()
    {
        var policies = Make.Policies(Make.Config(Make.Agent("anonymous") with { AllowedTools = ["read"] }) with { DefaultAllow = true });

        Assert.False(policies.PolicyOf(Principal.Anonymous)!.Allows(Make.Tool("files", "write")));
        Assert.NotEqual(policies.PolicyOf(Principal.Anonymous)!.LimitKey, policies.PolicyOf(Make.Said("eve"))!.LimitKey);
    }

    [Fact]
    public void OverridesOf_GeneralEntry_ComesFirst()
    {
        RuleConfig Special(string tool) => new() { Id = "PI-001", ApplyToTools = [tool], Notify = [tool] };
        var policies = Make.Policies(Make.Config() with { Rules = [Special("files/a"), new() { Id = "PI-001", Notify = ["all"] }, Special("files/b")] });

        Assert.Equal(["all", "files/a", "files/b"], policies.OverridesOf("PI-001").ToArray().Select(o => o.Notify[0]));
        Assert.Equal(0, policies.OverridesOf("PI-002").Length);
    }
}
