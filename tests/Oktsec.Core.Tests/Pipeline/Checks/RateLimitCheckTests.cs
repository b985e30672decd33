using Oktsec.Core.Configuration;
using Oktsec.Core.Identity;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Pipeline.Checks;
using Oktsec.Core.Policy;

namespace Oktsec.Core.Tests.Pipeline.Checks;

public sealed class RateLimitCheckTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RateLimitCheck _check;

    public RateLimitCheckTests() => _check = new RateLimitCheck(new RateWindows(_time));

    [Fact]
    public void Evaluate_BeyondTheLimit_DeniesAndSaysWhenToRetry()
    {
        var policies = Limited(2, Make.Agent());

        Assert.False(Ask(policies).IsDenied);
        Assert.False(Ask(policies).IsDenied);
        _time.Advance(TimeSpan.FromSeconds(48));
        var denied = Ask(policies);

        Assert.Equal((DenyReason.RateLimited, "retry in 12 s", 12), (denied.Reason, denied.Detail, denied.RetryAfterSeconds));
        _time.Advance(TimeSpan.FromSeconds(12));
        Assert.False(Ask(policies).IsDenied);
    }

    [Fact]
    public void Evaluate_NoLimit_NeverDenies()
    {
        for (var i = 0; i < 1000; i++)
            Assert.False(Ask(Make.Policies()).IsDenied);
    }

    [Fact]
    public void Evaluate_TwoAgents_HaveALimitEach()
    {
        var policies = Limited(1, Make.Agent("bob"), Make.Agent("ann"));

        Assert.False(Ask(policies, "bob").IsDenied);
        Assert.False(Ask(policies, "ann").IsDenied);
        Assert.True(Ask(policies, "bob").IsDenied);
    }

    [Fact]
    public void Evaluate_NamesNoPolicyKnows_ShareOneBucket()
    {
        var policies = Limited(2);

        Assert.False(Ask(policies, "a").IsDenied);
        Assert.False(Ask(policies, "b").IsDenied);
        Assert.True(Ask(policies, "c").IsDenied);
        Assert.True(Ask(policies, Principal.AnonymousName).IsDenied);
    }

    [Fact]
    public void Evaluate_AgentCalledLikeTheSharedBucket_DoesNotShareIt()
    {
        var policies = Limited(1, Make.Agent(Principal.AnonymousName)) with { DefaultAllow = true };

        Assert.False(Ask(Make.Policies(policies), "eve").IsDenied);
        Assert.False(Ask(Make.Policies(policies), Principal.AnonymousName).IsDenied);
        Assert.True(Ask(Make.Policies(policies), "mallory").IsDenied);
    }

    [Theory]
    [InlineData("ping", true)]
    [InlineData("notifications/progress", false)]
    public void Evaluate_PingOrNoRequest_IsNotCounted(string method, bool isRequest)
    {
        var policies = Make.Policies(Limited(1, Make.Agent()));

        for (var i = 0; i < 3; i++)
            Assert.False(_check.Evaluate(Make.Call(policies, method: method, isRequest: isRequest, timestamp: _time.GetTimestamp())).IsDenied);
        Assert.False(Ask(policies).IsDenied);
    }

    [Theory]
    [InlineData("tools/list")]
    [InlineData("initialize")]
    [InlineData("ping ")]
    [InlineData("PING")]
    public void Evaluate_AnyOtherRequest_IsCounted(string method)
    {
        var policies = Make.Policies(Limited(1, Make.Agent()));

        Assert.False(_check.Evaluate(Make.Call(policies, method: method, target: Target.None, timestamp: _time.GetTimestamp())).IsDenied);
        Assert.True(Ask(policies).IsDenied);
    }

    [Fact]
    public void Evaluate_WithoutPolicy_CountsInTheSharedBucket()
    {
        var policies = Make.Policies(Limited(1));

        Assert.False(_check.Evaluate(Make.Call(policies, hasPolicy: false, timestamp: _time.GetTimestamp())).IsDenied);
        Assert.True(Ask(policies, "eve").IsDenied);
    }

    private CheckResult Ask(OktsecConfig config, string agent = "bob") => Ask(Make.Policies(config), agent);

    private CheckResult Ask(PolicySnapshot policies, string agent = "bob") =>
        _check.Evaluate(Make.Call(policies, Make.Said(agent), timestamp: _time.GetTimestamp()));

    private static OktsecConfig Limited(int perAgent, params AgentConfig[] agents) =>
        Make.Config(agents) with { RateLimit = new RateLimitConfig { PerAgent = perAgent } };
}
