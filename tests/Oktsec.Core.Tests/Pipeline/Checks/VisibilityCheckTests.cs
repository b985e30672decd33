using Oktsec.Core.Configuration;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Pipeline.Checks;

namespace Oktsec.Core.Tests.Pipeline.Checks;

public sealed class VisibilityCheckTests
{
    private readonly VisibilityCheck _check = new();

    [Theory]
    [InlineData("read", DenyReason.None)]
    [InlineData("write", DenyReason.ToolNotAllowed)]
    [InlineData("READ", DenyReason.ToolNotAllowed)]
    [InlineData("", DenyReason.ToolNotAllowed)]
    public void Evaluate_AllowedTools_OnlyThose(string tool, DenyReason reason) =>
        Assert.Equal(reason, Ask(Make.Agent() with { AllowedTools = ["read"] }, Make.Tool("files", tool)).Reason);

    [Fact]
    public void Evaluate_NoLists_Everything() => Assert.False(Ask(Make.Agent(), Make.Tool("files", "anything at all")).IsDenied);

    [Fact]
    public void Evaluate_NobodyOffersIt_DeniesLikeHidden()
    {
        var missing = Ask(Make.Agent(), Target.Missing(TargetKind.Tool, "read"));
        var hidden = Ask(Make.Agent() with { DeniedTools = ["read"] }, Make.Read);

        Assert.Equal((DenyReason.ToolNotAllowed, DenyReason.ToolNotAllowed), (missing.Reason, hidden.Reason));
    }

    [Fact]
    public void Evaluate_ListsOfOneKind_LeaveTheOthersOpen()
    {
        var agent = Make.Agent() with { AllowedTools = ["read"], AllowedPrompts = ["greet"], AllowedResources = ["memo://a"] };

        Assert.False(Ask(agent, new Target(TargetKind.Prompt, "greet", "files", "greet", true)).IsDenied);
        Assert.True(Ask(agent, new Target(TargetKind.Prompt, "read", "files", "read", true)).IsDenied);
        Assert.False(Ask(agent, new Target(TargetKind.Resource, "memo://a", "files", "memo://a", true)).IsDenied);
        Assert.True(Ask(agent, new Target(TargetKind.Resource, "memo://b", "files", "memo://b", true)).IsDenied);
    }

    [Fact]
    public void Evaluate_MessageThatNamesNothing_Continues() =>
        Assert.False(_check.Evaluate(Make.Call(method: "tools/list", target: Target.None)).IsDenied);

    [Fact]
    public void Evaluate_WithoutPolicy_Denies() =>
        Assert.Equal(DenyReason.AgentUnknown, _check.Evaluate(Make.Call(hasPolicy: false)).Reason);

    private CheckResult Ask(AgentConfig agent, Target target) =>
        _check.Evaluate(Make.Call(Make.Policies(Make.Config(agent)), target: target));
}
