using Microsoft.AspNetCore.Http;

namespace Oktsec.Identity;

/// <summary>The <c>WWW-Authenticate</c> header of a 401 (RFC 6750, section 3).</summary>
internal static class BearerChallenge
{
    /// <summary>Without a token asked for only; with one that does not count <c>invalid_token</c> and why.</summary>
    public static string Of(HttpRequest request, string why) =>
        request.Headers.Authorization.Count == 0 ? "Bearer realm=\"oktsec\"" : $"Bearer realm=\"oktsec\", error=\"invalid_token\", error_description=\"{why.Replace('"', '\'')}\"";
}
