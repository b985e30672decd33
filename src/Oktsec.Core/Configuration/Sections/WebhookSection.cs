using System.Net;
using Oktsec.Core.Configuration.Schema;

namespace Oktsec.Core.Configuration.Sections;

/// <summary><c>webhooks:</c> and <c>category_webhooks:</c></summary>
internal static class WebhookSection
{
    public static readonly ConfigKey[] Keys =
    [
        new("webhooks", KeyType.Sections, "Where denials and other events are announced."),
        new("webhooks[].name", KeyType.Text, "The name that `notify` lists use.") { Required = true, Example = "alerts" },
        new("webhooks[].url", KeyType.Url, "Where to post. Masked in logs, since it is usually a secret.") { Required = true, Example = "\"${SLACK_WEBHOOK_URL}\"" },
        new("webhooks[].events", KeyType.Texts, "Which events: `blocked`, `quarantined`, `rejected`, `rule_triggered`, `tool_changed`, `agent_suspended`, `backend_down`, `audit_failed`. Absent or `[]`: all.") { Example = "[blocked, quarantined]" },
        new("webhooks[].format", KeyType.Choice, "Form of the body; `auto` goes by the URL.") { Default = "auto", Example = "slack", Choices = ["auto", "slack", "discord", "teams", "json"] },
        new("webhooks[].secret", KeyType.Text, "Key of the HMAC-SHA256 signature that is sent as a header.") { Example = "\"${file:webhook.key}\"" },
        new("webhooks[].headers", KeyType.TextMap, "Headers sent with every post.") { Example = "{Authorization: \"Bearer ${ALERT_TOKEN}\"}" },
        new("webhooks[].allow_private", KeyType.Flag, "Lets this webhook reach loopback and private addresses.") { Default = "false", Example = "true" },
        new("category_webhooks", KeyType.Sections, "Webhooks that hear of every match in a category."),
        new("category_webhooks[].category", KeyType.Text, "The category, in any of its spellings.") { Required = true, Example = "credentials" },
        new("category_webhooks[].notify", KeyType.Texts, "Webhooks, by name or URL.") { Example = "[alerts]" },
    ];

    private static readonly string[] s_events =
        ["blocked", "quarantined", "rejected", "rule_triggered", "tool_changed", "agent_suspended", "backend_down", "audit_failed"];

    // Events of the existing product and what they are called here.
    private static readonly Dictionary<string, string> s_oldEvents = new(StringComparer.Ordinal)
    {
        ["message_blocked"] = "blocked",
        ["message_quarantined"] = "quarantined",
        ["agent_risk_elevated"] = "",
    };

    public static IReadOnlyList<WebhookConfig> Read(ConfigSection top, ProblemList problems)
    {
        var webhooks = new List<WebhookConfig>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var section in top.Items("webhooks").Select(i => i.Section!))
        {
            var webhook = new WebhookConfig
            {
                Name = section.Text("name"),
                Url = section.Text("url"),
                Events = ReadEvents(section, problems),
                Format = section.Text("format"),
                Secret = section.Text("secret"),
                Headers = section.Map("headers"),
                AllowPrivate = section.Flag("allow_private"),
            };
            if (webhook.Name.Length > 0 && !names.Add(webhook.Name))
                problems.Error(section.MarkOf("name"), section.PathOf("name"), $"a webhook {Shown.Quote(section.Raw("name"))} is already there", "give each its own name");
            if (!webhook.AllowPrivate && IsPrivate(webhook.Url))
                problems.Warning(section.MarkOf("url"), section.PathOf("url"), "is a private address, so nothing will be sent", "write allow_private: true when that is meant");
            foreach (var header in section.Items("headers"))
                HeaderRules.Check(header, problems);
            webhooks.Add(webhook);
        }
        return webhooks;
    }

    public static IReadOnlyDictionary<string, IReadOnlyList<string>> ReadCategories(ConfigSection top, RuleNames rules, ProblemList problems)
    {
        var byCategory = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var section in top.Items("category_webhooks").Select(i => i.Section!))
        {
            var written = section.Text("category");
            if (rules.FindCategory(written) is { } category)
                byCategory[category] = [.. byCategory.GetValueOrDefault(category, []), .. section.Texts("notify")];
            else if (written.Length > 0)
                problems.Error(section.MarkOf("category"), section.PathOf("category"), $"no category {Shown.Quote(section.Raw("category"))}", Suggestion.Remedy(written, rules.Categories));
        }
        return byCategory;
    }

    private static List<string> ReadEvents(ConfigSection section, ProblemList problems)
    {
        var events = new List<string>();
        foreach (var item in section.Items("events"))
        {
            if (s_events.Contains(item.Text, StringComparer.Ordinal))
                events.Add(item.Text);
            else if (!s_oldEvents.TryGetValue(item.Text, out var renamed))
                problems.Error(item.Mark, item.Path.ToString(), $"no event {Shown.Quote(item.Raw)}", Suggestion.Remedy(item.Text, s_events));
            else if (renamed.Length == 0)
                problems.Warning(item.Mark, item.Path.ToString(), "not supported yet: this event never happens");
            else
            {
                events.Add(renamed);
                problems.Warning(item.Mark, item.Path.ToString(), "is read", $"the name here is {renamed}");
            }
        }
        // Listing only events that never happen must not turn into "all".
        if (events.Count == 0 && section.Items("events").Count > 0)
            events.Add("agent_risk_elevated");
        return events;
    }

    // A hint only: the dispatcher decides, on the addresses the name resolves to.
    private static bool IsPrivate(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.IsLoopback || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && ip.GetAddressBytes() is
            [10, _, _, _] or [192, 168, _, _] or [172, >= 16 and < 32, _, _] or [169, 254, _, _] or [0, _, _, _] or [0xfc or 0xfd, _, _, _, _, ..]));
}
