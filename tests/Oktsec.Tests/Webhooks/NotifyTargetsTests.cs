using Oktsec.Core.Configuration;
using Oktsec.Scanning;
using Oktsec.Webhooks;

namespace Oktsec.Tests.Webhooks;

public sealed class NotifyTargetsTests
{
    private const string Inline = "https://alerts.example.com/t0k3n";

    private static readonly WebhookConfig s_all = new() { Name = "all", Url = "https://all.example.com/" };
    private static readonly WebhookConfig s_blocked = new() { Name = "on-block", Url = "https://b.example.com/", Events = ["blocked"] };
    private static readonly WebhookConfig s_rules = new() { Name = "on-rule", Url = "https://r.example.com/", Events = ["rule_triggered"] };
    private static readonly WebhookConfig s_never = new() { Name = "named", Url = "https://n.example.com/", Events = ["tool_changed"] };

    [Fact]
    public void For_Events_Filter()
    {
        var targets = Of(new OktsecConfig());
        Assert.Equal(["all", "on-block", "on-rule"], targets.Names(Events.Blocked()));
        Assert.Equal(["all"], targets.Names(Events.Blocked() with { Kind = "rejected", Findings = [] }));
        Assert.Equal(["all", "on-rule"], targets.Names(Events.Blocked() with { Kind = "rule_triggered" }));
    }

    [Fact]
    public void For_RecordedOnly_IsNoAlertUnlessAskedFor()
    {
        var e = Events.Blocked() with { Kind = "rule_triggered", Findings = [Events.Finding("PII-001", "email", Severity.Low, "pii")] };
        Assert.Empty(Of(new OktsecConfig()).Names(e));
        Assert.Equal(["named"], Of(new OktsecConfig { Rules = [new() { Id = "PII-001", Notify = ["named"] }] }).Names(e));
        Assert.Equal(["named"], Of(new OktsecConfig { CategoryWebhooks = new Dictionary<string, IReadOnlyList<string>> { ["pii"] = ["named"] } }).Names(e));
    }

    [Fact]
    public void For_SeveralWaysToOneTarget_IsOnce()
    {
        var targets = Of(new OktsecConfig
        {
            Rules = [new() { Id = "PI-001", Notify = ["all", "named", Inline, "nobody"] }, new() { Id = "PI-003", Notify = ["named", Inline] }],
            CategoryWebhooks = new Dictionary<string, IReadOnlyList<string>> { ["prompt-injection"] = ["named", Inline] },
        });
        Assert.Equal(["all", "https://alerts.example.com/***", "named", "on-block", "on-rule"], targets.Names(Events.Blocked()));
        Assert.Equal(5, targets.Targets.All.Count);
    }

    [Fact]
    public void For_FurtherCategoryOfARule_Counts()
    {
        var targets = Of(new OktsecConfig { CategoryWebhooks = new Dictionary<string, IReadOnlyList<string>> { ["indirect-injection"] = ["named"] } });
        var finding = Events.Finding("X", "x", Severity.High) with { AlsoCategories = ["indirect-injection"] };
        Assert.Contains("named", targets.Names(Events.Blocked() with { Findings = [finding] }));
    }

    [Theory]
    [InlineData("read_file", "filesystem", true)]
    [InlineData("write_file", "filesystem", false)]
    [InlineData("READ_file", "filesystem", true)] // in doubt it tells
    [InlineData("read_secret", "filesystem", false)]
    public void For_RuleLimitedToTools_NotifiesForThose(string tool, string backend, bool expected)
    {
        var targets = Of(new OktsecConfig
        {
            McpServers = [new() { Name = "filesystem", Transport = "stdio" }],
            Rules = [new() { Id = "PI-001", Notify = ["named"], ApplyToTools = ["read_*"], ExemptTools = ["read_secret"] }],
        });
        Assert.Equal(expected, targets.Names(Events.Blocked() with { Tool = tool, Backend = backend }).Contains("named"));
    }

    [Fact]
    public void TemplateFor_StrongestFindingThatHasOne()
    {
        var targets = new NotifyTargets(new OktsecConfig
        {
            Rules = [new() { Id = "PI-003", Template = "third" }, new() { Id = "PI-009", Template = "ninth" }],
        });
        Assert.Equal("third", targets.TemplateFor(Events.Blocked()));
        Assert.Equal("", targets.TemplateFor(Events.Blocked() with { Findings = [] }));
    }

    private static Named Of(OktsecConfig config) => new(new NotifyTargets(config with { Webhooks = [s_all, s_blocked, s_rules, s_never] }));

    private sealed record Named(NotifyTargets Targets)
    {
        public IEnumerable<string> Names(WebhookEvent e) => Targets.For(e).Select(t => t.Name).Order();
    }
}
