using Oktsec.Core.Configuration;
using Oktsec.Core.Identity;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Pipeline.Checks;
using Oktsec.Core.Policy;

namespace Oktsec.Core.Tests.Pipeline.Checks;

public sealed class IdentityCheckTests
{
    private static readonly PolicySnapshot s_configured = Make.Policies(Make.Config(Make.Agent("bob")));

    [Fact]
    public void Evaluate_ConfiguredAgent_Continues() => Assert.False(Evaluate(s_configured, Make.Said("bob")).IsDenied);

    [Theory]
    [InlineData("eve")]
    [InlineData("")]
    [InlineData("Bob")]
    [InlineData("bob ")]
    [InlineData("anonymous")]
    [InlineData("\0unnamed")]
    public void Evaluate_OtherNameWhenAgentsAreConfigured_Denies(string name) =>
        Assert.Equal(DenyReason.AgentUnknown, Evaluate(s_configured, Make.Said(name)).Reason);

    [Fact]
    public void Evaluate_NobodySaidWho_DeniesAndSaysHowToSayIt()
    {
        var result = Evaluate(s_configured, Principal.Anonymous);

        Assert.Equal(DenyReason.AgentUnknown, result.Reason);
        Assert.Contains("X-Oktsec-Agent", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_NoAgentsConfigured_AnyNameContinues()
    {
        Assert.False(Evaluate(Make.Policies(), Make.Said("eve")).IsDenied);
        Assert.False(Evaluate(Make.Policies(), Principal.Anonymous).IsDenied);
    }

    [Fact]
    public void Evaluate_DefaultPolicyAllow_UnknownContinues() =>
        Assert.False(Evaluate(Make.Policies(Make.Config(Make.Agent("bob")) with { DefaultAllow = true }), Make.Said("eve")).IsDenied);

    private static CheckResult Evaluate(PolicySnapshot policies, Principal principal) =>
        new IdentityCheck().Evaluate(Make.Call(policies, principal));
}
