using Oktsec.Scanning;
using Oktsec.Webhooks;

namespace Oktsec.Tests.Webhooks;

/// <summary>Events to tell.</summary>
internal static class Events
{
    public static WebhookEvent Blocked() => new()
    {
        Kind = "blocked",
        Time = new DateTimeOffset(2026, 11, 20, 12, 0, 0, 125, TimeSpan.Zero),
        AuditId = "a1b2c3d4e5f60718",
        Agent = "data-analyst",
        To = "gateway/read_file",
        Tool = "read_file",
        Backend = "filesystem",
        Decision = "content_blocked",
        Findings = [Finding("PI-001", "prompt_injection", Severity.Critical), Finding("PI-003", "instruction_override", Severity.High)],
    };

    /// <summary>Everything in it tries to be more than text.</summary>
    public static WebhookEvent Hostile() => Blocked() with
    {
        Agent = "<!channel> @everyone `x` [free](https://evil.example) *b*",
        To = "gateway/a\u001b[2J\u202e\n\"}],\"text\":\"x",
        Detail = "&lt; <https://evil.example|click>",
    };

    public static Finding Finding(string id, string name, Severity severity, string category = "prompt-injection") => new()
    {
        RuleId = id,
        RuleName = name,
        Category = category,
        Severity = severity,
        Action = severity switch
        {
            Severity.Critical => RuleAction.Block,
            Severity.High => RuleAction.Quarantine,
            Severity.Medium => RuleAction.Flag,
            _ => RuleAction.Log,
        },
        Field = "$.path",
        Start = 9,
        Length = 28,
        Match = "Ignore previous instructions",
    };
}
