using System.Text.Json;

namespace Oktsec.Webhooks;

/// <summary>The body of a Slack incoming webhook: blocks, and a text for notifications.</summary>
/// <remarks><see href="https://docs.slack.dev/reference/block-kit/blocks"/>: header 150 characters, section text 3000, ten fields of 2000.</remarks>
internal static class SlackPayload
{
    private const int MaxFields = 10;
    private const int MaxSection = 3000;

    // Escaping makes five characters of an ampersand: below 2000 in the worst case.
    private const int MaxValue = 380;

    // Discord takes Slack's form at /slack.
    public static bool Fits(Uri url) =>
        WebhookFormats.IsAt(url, "hooks.slack.com") || WebhookFormats.IsAt(url, "hooks.slack-gov.com")
        || (DiscordPayload.IsDiscord(url) && url.AbsolutePath.EndsWith("/slack", StringComparison.Ordinal));

    public static byte[] Write(WebhookEvent e, string template)
    {
        var text = WebhookText.Text(e, template, Escape);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("text", WebhookText.Clip(text, MaxSection));
            json.WriteStartArray("blocks");
            WriteText(json, "header", "plain_text", WebhookText.Clip(WebhookText.Title(e), 150));
            if (template.Length > 0)
                WriteText(json, "section", "mrkdwn", WebhookText.Clip(text, MaxSection));
            WriteFields(json, e);
            WriteContext(json, e);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    // https://docs.slack.dev/messaging/formatting-message-text: these three make links and mentions (<!channel>) out of text.
    private static string Escape(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");

    // In a code span nothing is a link or a format.
    private static string Code(string text) => $"`{Escape(text.Replace('`', '\''))}`";

    private static void WriteText(Utf8JsonWriter json, string block, string kind, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", block);
        json.WriteStartObject("text");
        json.WriteString("type", kind);
        json.WriteString("text", text);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter json, WebhookEvent e)
    {
        var facts = WebhookText.Facts(e).Take(MaxFields).ToArray();
        if (facts.Length == 0)
            return; // a section without fields is refused
        json.WriteStartObject();
        json.WriteString("type", "section");
        json.WriteStartArray("fields");
        foreach (var (name, value) in facts)
        {
            json.WriteStartObject();
            json.WriteString("type", "mrkdwn");
            json.WriteString("text", $"*{name}*\n{Code(WebhookText.Clip(value, MaxValue))}");
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteContext(Utf8JsonWriter json, WebhookEvent e)
    {
        json.WriteStartObject();
        json.WriteString("type", "context");
        json.WriteStartArray("elements");
        json.WriteStartObject();
        json.WriteString("type", "mrkdwn");
        json.WriteString("text", e.Link.Length > 0 ? $"{WebhookText.Timestamp(e)}  <{Escape(e.Link)}|details>" : WebhookText.Timestamp(e));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
