using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Oktsec.Commands;
using Oktsec.Storage;

namespace Oktsec.Webhooks;

/// <summary>What chat messages say. Names and matches come from agents and servers: each format passes its own way of making them inert.</summary>
internal static partial class WebhookText
{
    // A message is read at a glance; the record has all of them.
    private const int MaxRules = 10;

    public static string Title(WebhookEvent e) => (e.Kind, e.IsObserved) switch
    {
        ("blocked", false) => "oktsec blocked a call",
        ("quarantined", false) => "oktsec holds a call for review",
        ("rejected", false) => "oktsec rejected a call",
        ("blocked", true) => "oktsec would have blocked a call (observing)",
        ("quarantined", true) => "oktsec would have held a call for review (observing)",
        ("rejected", true) => "oktsec would have rejected a call (observing)",
        (WebhookEvent.RuleTriggered, _) => "oktsec: a rule matched",
        (WebhookEvent.BackendDown, _) => $"oktsec: backend {Clean(e.Backend, 100)} is down",
        (WebhookEvent.AuditFailed, _) => "oktsec cannot write its audit log",
        _ => $"oktsec: {e.Kind.Replace('_', ' ')}",
    };

    /// <summary>Name and value of what there is to say; no value is empty. Values are as they came, but for what is invisible.</summary>
    public static IEnumerable<(string Name, string Value)> Facts(WebhookEvent e)
    {
        (string Name, string Value)[] facts =
        [
            ("Agent", e.Agent),
            ("To", e.To),
            ("Backend", e.Kind == WebhookEvent.BackendDown ? "" : e.Backend),
            ("Decision", e.Decision),
            ("Rules", Rules(e)),
            ("Category", e.Strongest?.Category ?? ""),
            ("Match", e.Strongest?.Match ?? ""),
            ("Detail", e.Detail),
            ("Held as", e.HeldId),
            ("Record", e.AuditId),
        ];
        return facts.Where(f => f.Value.Length > 0).Select(f => (f.Name, Clean(f.Value, 900)));
    }

    /// <summary>One line: the title and the most important of the facts.</summary>
    public static string Summary(WebhookEvent e)
    {
        var rules = Rules(e);
        var about = rules.Length > 0 ? rules : e.Detail.Length > 0 ? e.Detail : e.Decision;
        var who = e.Agent.Length > 0 ? $"{e.Agent} → {e.To}" : "";
        return Clean(string.Join(": ", new[] { Title(e), who, about }.Where(part => part.Length > 0)), 900);
    }

    /// <summary>The operator's template filled, or the summary without one or when nothing comes out of it (services refuse an empty text).</summary>
    public static string Text(WebhookEvent e, string template, Func<string, string> escape)
    {
        var filled = Fill(template, e, escape);
        return string.IsNullOrWhiteSpace(filled) ? escape(Summary(e)) : filled;
    }

    /// <summary>Fills a template; what it does not know stays as written.</summary>
    public static string Fill(string template, WebhookEvent e, Func<string, string> escape) =>
        Variable().Replace(template, match => Value(match.Groups[1].Value, e) is { } value ? escape(Clean(value, 900)) : match.Value);

    public static string Timestamp(WebhookEvent e) => e.Time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Cut to so many UTF-16 units, never through a pair.</summary>
    public static string Clip(string text, int max)
    {
        if (text.Length <= max)
            return text;
        var end = max - 1;
        if (char.IsHighSurrogate(text[end - 1]))
            end--;
        return text[..end] + "…";
    }

    private static string Clean(string text, int max) => Clip(TerminalText.Escape(text), max);

    private static string Rules(WebhookEvent e)
    {
        var rules = e.Findings.DistinctBy(f => f.RuleId).Take(MaxRules + 1).ToArray();
        var text = new StringBuilder();
        foreach (var finding in rules.Take(MaxRules))
            text.Append(text.Length > 0 ? ", " : "").Append(CultureInfo.InvariantCulture, $"{finding.RuleId} {finding.RuleName} ({FindingsJson.Word(finding.Severity)})");
        return text.Append(rules.Length > MaxRules ? ", ..." : "").ToString();
    }

    private static string? Value(string variable, WebhookEvent e) => variable switch
    {
        "RULE" => e.Strongest?.RuleId ?? "",
        "RULE_NAME" => e.Strongest?.RuleName ?? "",
        "CATEGORY" => e.Strongest?.Category ?? "",
        "MATCH" => e.Strongest?.Match ?? "",
        "SEVERITY" => e.Strongest is { } finding ? FindingsJson.Word(finding.Severity) : "",
        "ACTION" => e.Kind,
        "FROM" => e.Agent,
        "TO" => e.To,
        "MESSAGE_ID" => e.AuditId,
        "TIMESTAMP" => Timestamp(e),
        _ => null,
    };

    [GeneratedRegex(@"\{\{([A-Z_]{1,20})\}\}", RegexOptions.NonBacktracking)]
    private static partial Regex Variable();
}
