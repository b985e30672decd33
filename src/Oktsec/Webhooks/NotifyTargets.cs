using Oktsec.Core.Configuration;
using Oktsec.Core.Policy;
using Oktsec.Scanning;

namespace Oktsec.Webhooks;

/// <summary>Who hears of an event, by one configuration: <c>webhooks[].events</c>, <c>rules[].notify</c> and <c>category_webhooks</c>. Immutable.</summary>
internal sealed class NotifyTargets
{
    private readonly Dictionary<string, WebhookTarget> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Route[]> _byRule;
    private readonly Dictionary<string, WebhookTarget[]> _byCategory;
    private readonly WebhookTarget[] _subscribed;

    public NotifyTargets(OktsecConfig config)
    {
        foreach (var webhook in config.Webhooks)
        {
            if (WebhookTarget.Of(webhook) is { } target)
                _byName.TryAdd(webhook.Name, target);
        }
        _subscribed = [.. _byName.Values];
        var backends = config.McpServers.Select(b => b.Name).ToArray();
        _byRule = config.Rules.GroupBy(r => r.Id, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Select(r => new Route(r, Resolve(r.Notify), backends)).ToArray(), StringComparer.Ordinal);
        _byCategory = config.CategoryWebhooks.ToDictionary(c => c.Key, c => Resolve(c.Value), StringComparer.Ordinal);
    }

    /// <summary>Every target there is, each once.</summary>
    public IReadOnlyCollection<WebhookTarget> All => _byName.Values;

    /// <summary>Each target once, however many ways lead to it.</summary>
    public IReadOnlyCollection<WebhookTarget> For(WebhookEvent e)
    {
        var targets = new HashSet<WebhookTarget>();
        // What is recorded only (low severity) is no alert, unless an operator asked for that rule or category.
        var isQuiet = e.Kind == WebhookEvent.RuleTriggered && e.Findings.All(f => f.Action == RuleAction.Log);
        if (!isQuiet)
            targets.UnionWith(_subscribed.Where(t => t.Wants(e)));
        foreach (var finding in e.Findings)
        {
            foreach (var route in Routes(finding, e))
                targets.UnionWith(route.Targets);
            foreach (var category in finding.AlsoCategories.Prepend(finding.Category))
                targets.UnionWith(_byCategory.GetValueOrDefault(category, []));
        }
        return targets;
    }

    /// <summary>The operator's text for the strongest finding that has one; empty without.</summary>
    public string TemplateFor(WebhookEvent e) =>
        e.Findings.SelectMany(f => Routes(f, e)).Select(r => r.Template).FirstOrDefault(t => t.Length > 0) ?? "";

    private IEnumerable<Route> Routes(Finding finding, WebhookEvent e) => _byRule.GetValueOrDefault(finding.RuleId, []).Where(r => r.Reaches(e));

    private WebhookTarget[] Resolve(IEnumerable<string> names)
    {
        var targets = new List<WebhookTarget>();
        foreach (var name in names)
        {
            if (_byName.TryGetValue(name, out var target))
                targets.Add(target);
            else if (WebhookTarget.OfUrl(name) is { } inline)
                targets.Add(_byName[name] = inline); // the same URL in two lists is one target
        }
        return [.. targets];
    }

    /// <summary>One entry of <c>rules:</c>.</summary>
    private sealed class Route(RuleConfig rule, WebhookTarget[] targets, string[] backends)
    {
        private readonly NamePattern[] _applyTo = [.. rule.ApplyToTools.Select(p => new NamePattern(p, backends))];
        private readonly NamePattern[] _exempt = [.. rule.ExemptTools.Select(p => new NamePattern(p, backends))];

        public WebhookTarget[] Targets => targets;

        public string Template => rule.Template;

        // In doubt it tells: a name that a server chose must not silence an alert.
        public bool Reaches(WebhookEvent e) =>
            (_applyTo.Length == 0 || _applyTo.Any(p => p.Touches(e.Tool, e.Backend, e.Tool)))
            && !_exempt.Any(p => p.IsSure && p.Means(e.Tool, e.Backend, e.Tool, isOwnUnique: false));
    }
}
