using System.Text.Json;

namespace Oktsec.Webhooks;

/// <summary>A message with one adaptive card, as Teams' incoming webhooks and workflows take it.</summary>
/// <remarks>
/// <see href="https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using"/>. Text runs, not text
/// blocks: text blocks read Markdown, and a tool's name must not become a link. A message holds 28 KB; ten facts of 900 fit.
/// </remarks>
internal static class TeamsPayload
{
    public static bool Fits(Uri url) =>
        WebhookFormats.IsAt(url, "webhook.office.com")
        || (WebhookFormats.IsAt(url, "outlook.office.com") && url.AbsolutePath.StartsWith("/webhook/", StringComparison.Ordinal))
        || WebhookFormats.IsAt(url, "logic.azure.com")             // workflows, which replace connectors
        || WebhookFormats.IsAt(url, "api.powerplatform.com");

    public static byte[] Write(WebhookEvent e, string template)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("type", "message");
            json.WriteStartArray("attachments");
            json.WriteStartObject();
            json.WriteString("contentType", "application/vnd.microsoft.card.adaptive");
            json.WriteNull("contentUrl");
            json.WriteStartObject("content");
            WriteCard(json, e, template);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private static void WriteCard(Utf8JsonWriter json, WebhookEvent e, string template)
    {
        json.WriteString("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
        json.WriteString("type", "AdaptiveCard");
        json.WriteString("version", "1.4");
        json.WriteStartArray("body");
        WriteRuns(json, (WebhookText.Title(e), true));
        if (template.Length > 0)
            WriteRuns(json, (WebhookText.Clip(WebhookText.Text(e, template, text => text), 4000), false));
        foreach (var (name, value) in WebhookText.Facts(e))
            WriteRuns(json, (name + ": ", true), (value, false));
        WriteRuns(json, (WebhookText.Timestamp(e), false));
        json.WriteEndArray();
        if (e.Link.Length == 0)
            return;
        json.WriteStartArray("actions");
        json.WriteStartObject();
        json.WriteString("type", "Action.OpenUrl");
        json.WriteString("title", "Details");
        json.WriteString("url", e.Link);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteRuns(Utf8JsonWriter json, params ReadOnlySpan<(string Text, bool IsBold)> runs)
    {
        json.WriteStartObject();
        json.WriteString("type", "RichTextBlock");
        json.WriteStartArray("inlines");
        foreach (var (text, isBold) in runs)
        {
            json.WriteStartObject();
            json.WriteString("type", "TextRun");
            json.WriteString("text", text);
            if (isBold)
                json.WriteString("weight", "Bolder");
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
