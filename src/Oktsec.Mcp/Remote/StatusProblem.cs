using System.Globalization;
using Oktsec.Mcp.Backends;

namespace Oktsec.Mcp.Remote;

/// <summary>HTTP answers that are none of MCP's, in words that say what helps. Nothing in them is the server's text.</summary>
internal static class StatusProblem
{
    /// <summary>Why an answer cannot be used.</summary>
    public static BackendUnavailableException Of(BackendOptions options, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        // 408 and 5xx say nothing about how far the server got.
        return new BackendUnavailableException(options.Name, Describe(status, response), sent: status is 408 or >= 500 or < 300, new HttpStatusException(status));
    }

    private static string Describe(int status, HttpResponseMessage response) => status switch
    {
        < 300 => "answered with neither JSON nor an event stream; is --url the address of an MCP server?",
        < 400 => $"answered {Number(status)}, a redirect that a POST does not follow; set --url to where the server is",
        401 when AsksForSignIn(response) => "wants a sign-in (401, OAuth), which oktsec does not do; give a token with --header 'Authorization: Bearer ${TOKEN}', or let the client connect to it directly",
        401 => "answered 401 Unauthorized; give the credentials with --header 'Authorization: Bearer ${TOKEN}'",
        403 => "answered 403 Forbidden; see whether the credentials of --header allow it",
        404 => "answered 404 Not Found; see --url",
        405 => "answered 405 Method Not Allowed; see --url",
        407 => "answered 407 Proxy Authentication Required",
        413 => "answered 413 Content Too Large; send less",
        429 => "answered 429 Too Many Requests; call less often",
        503 => "answered 503 Service Unavailable; try again later",
        _ => $"answered status {Number(status)}",
    };

    // MCP 2025-11-25, Authorization: a server that wants OAuth says so in this header.
    private static bool AsksForSignIn(HttpResponseMessage response) =>
        response.Headers.WwwAuthenticate.Any(h => h.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase));

    private static string Number(int status) => status.ToString(CultureInfo.InvariantCulture);
}
