using Oktsec.Core.Configuration;

namespace Oktsec.Webhooks;

/// <summary>Where events go: an entry of <c>webhooks:</c>, or a URL written straight into a <c>notify</c> list.</summary>
internal sealed class WebhookTarget
{
    private WebhookTarget(WebhookConfig config, Uri url)
    {
        Url = url;
        Name = config.Name;
        Format = WebhookFormats.Choose(config.Format, url);
        Secret = config.Secret;
        Headers = config.Headers;
        Events = config.Events;
        AllowPrivate = config.AllowPrivate;
        Identity = string.Join('\n', [
            Name, url.AbsoluteUri, Format.Name, Secret, AllowPrivate ? "private" : "",
            .. Headers.OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => $"{h.Key}: {h.Value}"),
        ]);
    }

    /// <summary>For logs and dead letters; of a bare URL only what is no secret.</summary>
    public string Name { get; }

    public Uri Url { get; }

    public WebhookFormat Format { get; }

    public string Secret { get; }

    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>Which events it wants; empty means all.</summary>
    public IReadOnlyList<string> Events { get; }

    public bool AllowPrivate { get; }

    /// <summary>Two targets with the same one are served by the same queue across a reload. Holds secrets: never shown.</summary>
    public string Identity { get; }

    /// <summary>Null when the URL is none we post to; reading the configuration has said so.</summary>
    public static WebhookTarget? Of(WebhookConfig config) =>
        Uri.TryCreate(config.Url, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
            ? new WebhookTarget(config, url)
            : null;

    /// <summary>Null for what is a name and not a URL.</summary>
    public static WebhookTarget? OfUrl(string text) => Of(new WebhookConfig { Name = MaskedUrl.Of(text), Url = text });

    /// <summary>Whether it wants this event on its own account.</summary>
    public bool Wants(WebhookEvent e) => Events.Count == 0 || Events.Contains(e.Kind)
        // A rule matched, whatever became of the call.
        || (e.Findings.Count > 0 && Events.Contains(WebhookEvent.RuleTriggered));
}
