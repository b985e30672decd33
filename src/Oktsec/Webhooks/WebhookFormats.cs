namespace Oktsec.Webhooks;

/// <summary>One form of body.</summary>
/// <param name="Name">As <c>webhooks[].format</c> spells it.</param>
/// <param name="Fits">Whether a URL is the service's that wants this form.</param>
/// <param name="Write">The body, given the event and the operator's template or empty.</param>
internal sealed record WebhookFormat(string Name, Func<Uri, bool> Fits, Func<WebhookEvent, string, byte[]> Write);

/// <summary>All forms, in the order in which <c>auto</c> tries them. A new one is a file and a line here.</summary>
internal static class WebhookFormats
{
    public static IReadOnlyList<WebhookFormat> All { get; } =
    [
        new("slack", SlackPayload.Fits, SlackPayload.Write),
        new("discord", DiscordPayload.Fits, DiscordPayload.Write),
        new("teams", TeamsPayload.Fits, TeamsPayload.Write),
        new("json", _ => true, JsonPayload.Write),
    ];

    public static WebhookFormat Choose(string name, Uri url) =>
        All.FirstOrDefault(f => f.Name == name) ?? All.First(f => f.Fits(url));

    /// <summary>The host itself or one below it: <c>evil-slack.com</c> is not below <c>slack.com</c>.</summary>
    public static bool IsAt(Uri url, string host) =>
        url.IdnHost.Equals(host, StringComparison.OrdinalIgnoreCase) || url.IdnHost.EndsWith("." + host, StringComparison.OrdinalIgnoreCase);
}
