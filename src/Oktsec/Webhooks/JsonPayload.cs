using System.Text.Json;
using Oktsec.Storage;

namespace Oktsec.Webhooks;

/// <summary>Plain JSON for programs: the fields that users of the existing product know, then ours. What dead letters keep, too.</summary>
internal static class JsonPayload
{
    public static byte[] Write(WebhookEvent e, string template)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("event", e.Kind);
            json.WriteString("message_id", e.AuditId);
            json.WriteString("from", e.Agent);
            json.WriteString("to", e.To);
            json.WriteString("severity", e.Strongest is { } strongest ? FindingsJson.Word(strongest.Severity) : "");
            json.WriteString("rule", e.Strongest?.RuleId ?? "");
            json.WriteString("rule_name", e.Strongest?.RuleName ?? "");
            json.WriteString("category", e.Strongest?.Category ?? "");
            json.WriteString("match", e.Strongest?.Match ?? "");
            json.WriteString("detail", e.Detail);
            json.WriteString("timestamp", WebhookText.Timestamp(e));
            json.WriteString("text", WebhookText.Text(e, template, text => text));
            json.WriteString("decision", e.Decision);
            json.WriteString("tool", e.Tool);
            json.WriteString("backend", e.Backend);
            json.WriteString("held_id", e.HeldId);
            json.WriteString("link", e.Link);
            json.WritePropertyName("findings");
            FindingsJson.Write(json, e.Findings);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }
}
