using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Oktsec.Mcp.Http;

/// <summary>A request refused for its HTTP form.</summary>
/// <param name="Status">HTTP status code.</param>
/// <param name="Detail">What to send instead.</param>
public sealed record HttpProblem(int Status, string Detail);

/// <summary>What Streamable HTTP asks of request headers, one rule per method.</summary>
public static class HeaderRules
{
    public const string Session = "Mcp-Session-Id";
    public const string Version = "MCP-Protocol-Version";

    /// <summary>MCP 2025-11-25, Transports, "Sending Messages to the Server".</summary>
    public static HttpProblem? Post(IHeaderDictionary headers) =>
        !IsJson(headers.ContentType)
            ? new(StatusCodes.Status415UnsupportedMediaType, "Content-Type must be application/json")
        : !Accepts(headers.Accept, "application/json") || !Accepts(headers.Accept, "text/event-stream")
            ? new(StatusCodes.Status406NotAcceptable, "Accept must list both application/json and text/event-stream")
        : headers.ContentEncoding.Count > 0
            ? new(StatusCodes.Status415UnsupportedMediaType, "Content-Encoding is not accepted; send the body as it is")
        : VersionProblem(headers) ?? Single(headers, Session);

    /// <summary>MCP 2025-11-25, Transports, "Listening for Messages from the Server".</summary>
    public static HttpProblem? Get(IHeaderDictionary headers) =>
        !Accepts(headers.Accept, "text/event-stream")
            ? new(StatusCodes.Status406NotAcceptable, "Accept must list text/event-stream")
            : VersionProblem(headers) ?? Single(headers, Session);

    public static HttpProblem? Delete(IHeaderDictionary headers) => VersionProblem(headers) ?? Single(headers, Session);

    // A client that opens with 2026-07-28 falls back to initialize when a 400 carries no error code of that revision
    // (2026-07-28, Streamable HTTP, "Backward Compatibility"); that is why this is not an UnsupportedProtocolVersionError.
    private static HttpProblem? VersionProblem(IHeaderDictionary headers) =>
        Single(headers, Version) ?? (headers[Version] is [{ } version] && !Revisions.Supported.Contains(version)
            ? new(StatusCodes.Status400BadRequest, $"unsupported protocol version; supported: {string.Join(", ", Revisions.Supported)}; open with initialize")
            : null);

    private static HttpProblem? Single(IHeaderDictionary headers, string name) =>
        headers[name].Count > 1 ? new(StatusCodes.Status400BadRequest, $"{name} is given more than once") : null;

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    private static bool Accepts(IList<string?> accept, string mediaType)
    {
        var slash = mediaType.IndexOf('/');
        for (var i = 0; i < accept.Count; i++)
        {
            foreach (var part in (accept[i] ?? "").AsSpan().Split(','))
            {
                var range = accept[i].AsSpan()[part];
                var end = range.IndexOf(';');
                range = (end < 0 ? range : range[..end]).Trim();
                if (range.Equals(mediaType, StringComparison.OrdinalIgnoreCase) || range is "*/*"
                    || (range.EndsWith("/*") && range[..^2].Equals(mediaType.AsSpan(0, slash), StringComparison.OrdinalIgnoreCase)))
                {
                    return true;
                }
            }
        }
        return false;
    }
}
