namespace Oktsec.Webhooks;

/// <summary>A webhook's URL as logs may show it: the path and the query are the secret.</summary>
internal static class MaskedUrl
{
    public static string Of(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? Of(uri) : "***";

    // Not the user part either: https://user:password@host/.
    public static string Of(Uri url) => $"{url.Scheme}://{url.IdnHost}{(url.IsDefaultPort ? "" : $":{url.Port}")}/***";
}
