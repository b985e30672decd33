using System.Text;
using System.Text.Json;
using Oktsec.Scanning;

namespace Oktsec.Webhooks;

/// <summary>The body of a Discord webhook: one embed, and no mention of anybody.</summary>
/// <remarks>
/// <see href="https://discord.com/developers/docs/resources/message#embed-object-embed-limits"/>: content 2000 characters, title 256,
/// 25 fields of 1024, all together 6000.
/// </remarks>
internal static class DiscordPayload
{
    private const int MaxContent = 2000;

    // Ten facts of at most 500 stay below the 6000 of an embed.
    private const int MaxValue = 500;

    public static bool Fits(Uri url) => IsDiscord(url) && !url.AbsolutePath.EndsWith("/slack", StringComparison.Ordinal);

    public static bool IsDiscord(Uri url) =>
        (WebhookFormats.IsAt(url, "discord.com") || WebhookFormats.IsAt(url, "discordapp.com")) && url.AbsolutePath.StartsWith("/api/", StringComparison.Ordinal);

    public static byte[] Write(WebhookEvent e, string template)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("content", WebhookText.Clip(WebhookText.Text(e, template, Escape), MaxContent));
            json.WriteStartObject("allowed_mentions"); // "@everyone" in a tool's name wakes nobody
            json.WriteStartArray("parse");
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartArray("embeds");
            json.WriteStartObject();
            json.WriteString("title", WebhookText.Clip(WebhookText.Title(e), 256));
            if (e.Link.Length > 0)
                json.WriteString("url", e.Link);
            json.WriteNumber("color", Color(e));
            json.WriteStartArray("fields");
            foreach (var (name, value) in WebhookText.Facts(e))
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WriteString("value", $"`{WebhookText.Clip(value, MaxValue).Replace('`', '\'')}`");
                json.WriteBoolean("inline", value.Length <= 40);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("timestamp", WebhookText.Timestamp(e));
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    // Every character of Discord's Markdown, so that [text](address) stays text. Webhooks may post links that hide their address.
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (@"\*_~`|>[]()#<@".Contains(c, StringComparison.Ordinal))
                escaped.Append('\\');
            escaped.Append(c);
        }
        return escaped.ToString();
    }

    // Red, orange, yellow, grey.
    private static int Color(WebhookEvent e) => e.Strongest?.Severity switch
    {
        Severity.Critical => 0xD92D20,
        Severity.High => 0xF79009,
        Severity.Medium => 0xFDB022,
        _ => 0x667085,
    };
}
