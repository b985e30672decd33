using System.Globalization;

namespace Oktsec.Mcp.Backends;

/// <summary>A server answered with a status that is no success. The body is not looked at: it is anybody's text.</summary>
internal sealed class HttpStatusException(int status) : Exception(Describe(status))
{
    public int Status { get; } = status;

    /// <summary>Whether a server that knows HTTP+SSE only may answer a POST like this (MCP 2025-11-25, Transports, "Backwards Compatibility").</summary>
    /// <remarks>The specification names 400, 404 and 405; 406 and 415 come from frameworks. Not 401, 403, 408 or 429: those say something else.</remarks>
    public bool MayBeLegacy => Status is 400 or 404 or 405 or 406 or 415;

    private static string Describe(int status) => status switch
    {
        401 => "answered 401 Unauthorized; see headers",
        403 => "answered 403 Forbidden; see headers",
        404 => "answered 404 Not Found; see url",
        405 => "answered 405 Method Not Allowed; see url",
        407 => "answered 407 Proxy Authentication Required",
        413 => "answered 413 Content Too Large",
        429 => "answered 429 Too Many Requests",
        503 => "answered 503 Service Unavailable",
        _ => string.Create(CultureInfo.InvariantCulture, $"answered status {status}"),
    };
}
