using Oktsec.Core.Pipeline;
using Oktsec.Core.Pipeline.Checks;
using Oktsec.Core.Policy;
using Oktsec.Scanning;

namespace Oktsec.Core.Tests.Pipeline.Checks;

public sealed class BlockedContentCheckTests
{
    private readonly Offences _offences = new(new FakeTimeProvider());
    private readonly BlockedContentCheck _check;
    private readonly PolicySnapshot _policies = Make.Policies(Make.Config(Make.Agent() with { BlockedContent = ["credentials"] }, Make.Agent("ann")));

    public BlockedContentCheckTests() => _check = new BlockedContentCheck(_offences);

    [Theory]
    [InlineData(Severity.Low, false)]
    [InlineData(Severity.Medium, true)]
    [InlineData(Severity.High, true)]
    [InlineData(Severity.Critical, true)]
    public void Evaluate_ListedCategory_DeniesFromMediumOn(Severity severity, bool isDenied)
    {
        var result = _check.Evaluate(Make.Call(_policies, findings: Make.Finding(severity: severity, category: "credentials")));

        Assert.Equal(isDenied ? DenyReason.ContentBlocked : DenyReason.None, result.Reason);
    }

    // What the finding's action would be does not matter: the category is refused.
    [Theory]
    [InlineData(RuleAction.Log)]
    [InlineData(RuleAction.Flag)]
    [InlineData(RuleAction.Redact)]
    public void Evaluate_WeakAction_StillDenies(RuleAction action) =>
        Assert.True(_check.Evaluate(Make.Call(_policies, findings: Make.Finding(action, Severity.High, category: "credentials"))).IsDenied);

    [Fact]
    public void Evaluate_FurtherCategoryOfTheRule_Counts() =>
        Assert.True(_check.Evaluate(Make.Call(_policies, findings: Make.Finding(category: "inter-agent", also: ["pii", "credentials"]))).IsDenied);

    [Fact]
    public void Evaluate_SecondFindingIsListed_Denies() =>
        Assert.True(_check.Evaluate(Make.Call(_policies, findings: [Make.Finding(), Make.Finding(category: "credentials")])).IsDenied);

    [Fact]
    public void Evaluate_OtherCategory_Continues() => Assert.False(_check.Evaluate(Make.Call(_policies, findings: Make.Finding())).IsDenied);

    [Theory]
    [InlineData(Place.Result)]
    [InlineData(Place.Definition)]
    public void Evaluate_NotArguments_LeavesItToTheRule(Place place) =>
        Assert.False(_check.Evaluate(Make.Call(_policies, place: place, findings: Make.Finding(category: "credentials"))).IsDenied);

    [Fact]
    public void Evaluate_AgentWithoutList_Continues() =>
        Assert.False(_check.Evaluate(Make.Call(_policies, Make.Said("ann"), findings: Make.Finding(category: "credentials"))).IsDenied);

    [Fact]
    public void Evaluate_WithoutPolicy_IsNotItsQuestion() =>
        Assert.False(_check.Evaluate(Make.Call(hasPolicy: false, findings: Make.Finding(category: "credentials"))).IsDenied);

    [Fact]
    public void Evaluate_Denied_IsAnOffence()
    {
        var call = Make.Call(_policies, findings: Make.Finding(category: "credentials"));
        _check.Evaluate(call);

        Assert.Equal(1, _offences.Count(call.Principal, call.Timestamp));
    }
}
