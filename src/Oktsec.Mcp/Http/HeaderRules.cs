using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Oktsec.Mcp.Http;

/// <summary>A request refused for its HTTP form.</summary>
/// <param name="Status">HTTP status code.</param>
/// <param name="Detail">What to send instead.</param>
/// <param name="RetryAfterSeconds">When sending it again makes sense; 0 when it does not.</param>
public sealed record HttpProblem(int Status, string Detail, int RetryAfterSeconds = 0);

/// <summary>What Streamable HTTP asks of request headers, one rule per method.</summary>
public static class HeaderRules
{
    public const string Session = "Mcp-Session-Id";
    public const string Version = "MCP-Protocol-Version";

    // What the official SDKs send: seen at a glance.
    private const string UsualAccept = "application/json, text/event-stream";

    /// <summary>MCP 2025-11-25, Transports, "Sending Messages to the Server".</summary>
    public static HttpProblem? Post(IHeaderDictionary headers) =>
        !IsJson(headers.ContentType)
            ? new(StatusCodes.Status415UnsupportedMediaType, "Content-Type must be application/json")
        : !Accepts(headers.Accept, "application/json") || !Accepts(headers.Accept, "text/event-stream")
            ? new(StatusCodes.Status406NotAcceptable, "Accept must list both application/json and text/event-stream")
        : headers.ContentEncoding.Count > 0
            ? new(StatusCodes.Status415UnsupportedMediaType, "Content-Encoding is not accepted; send the body as it is")
        : Single(headers, Version) ?? Single(headers, Session);

    /// <summary>The header of a message that belongs to a session.</summary>
    public static HttpProblem? OfSession(IHeaderDictionary headers) => VersionProblem(headers);

    /// <summary>MCP 2025-11-25, Transports, "Listening for Messages from the Server".</summary>
    public static HttpProblem? Get(IHeaderDictionary headers) =>
        NotOfRevision(headers) ?? (!Accepts(headers.Accept, "text/event-stream")
            ? new(StatusCodes.Status406NotAcceptable, "Accept must list text/event-stream")
            : VersionProblem(headers) ?? Single(headers, Session));

    /// <summary>Whether a client would rather have a stream of events: it gives it more weight, or names it first.</summary>
    /// <remarks>Both forms are the server's to choose from (MCP 2025-11-25, Transports); where the client says which it likes, it gets that one.</remarks>
    public static bool PrefersEvents(StringValues accept) =>
        accept is not [UsualAccept] && Wish(accept, "text/event-stream") is var events && Wish(accept, "application/json") is var json
        && events.Weight > 0 && (events.Weight > json.Weight || (events.Weight == json.Weight && events.Place < json.Place));

    public static HttpProblem? Delete(IHeaderDictionary headers) => NotOfRevision(headers) ?? VersionProblem(headers) ?? Single(headers, Session);

    // MCP 2026-07-28, Streamable HTTP, "Earlier Streamable HTTP Revisions": without sessions there is nothing to listen to or to end.
    private static HttpProblem? NotOfRevision(IHeaderDictionary headers) => headers[Version] is [Revisions.Stateless]
        ? new(StatusCodes.Status405MethodNotAllowed, $"revision {Revisions.Stateless} knows POST only; listen with subscriptions/listen")
        : null;

    // The header alone names a revision that nobody knows: a client that speaks one without sessions says so in the body too.
    private static HttpProblem? VersionProblem(IHeaderDictionary headers) =>
        Single(headers, Version) ?? (headers[Version] is [{ } version] && !Revisions.Supported.Contains(version)
            ? new(StatusCodes.Status400BadRequest, $"unsupported protocol version; supported: {string.Join(", ", Revisions.Supported)}; open with initialize")
            : null);

    private static HttpProblem? Single(IHeaderDictionary headers, string name) =>
        headers[name].Count > 1 ? new(StatusCodes.Status400BadRequest, $"{name} is given more than once") : null;

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    private static bool Accepts(StringValues accept, string mediaType) => Wish(accept, mediaType).Weight > 0;

    // RFC 9110, 12.5.1: the most specific range that fits decides, and a weight of 0 means "not acceptable".
    private static (double Weight, int Place) Wish(StringValues accept, string mediaType)
    {
        var (closest, wish, place) = (0, (Weight: 0.0, Place: 0), 0);
        for (var i = 0; i < accept.Count; i++)
        {
            foreach (var part in (accept[i] ?? "").AsSpan().Split(','))
            {
                place++;
                var range = accept[i].AsSpan()[part];
                var end = range.IndexOf(';');
                var fit = Specificity((end < 0 ? range : range[..end]).Trim(), mediaType);
                if (fit == 0 || fit < closest)
                    continue;
                var weight = end < 0 ? 1 : Weight(range[(end + 1)..]);
                // Of the same range said twice, the refusal counts: an answer in a form that was refused helps nobody.
                wish = fit > closest ? (weight, place) : wish with { Weight = Math.Min(wish.Weight, weight) };
                closest = fit;
            }
        }
        return wish;
    }

    private static int Specificity(ReadOnlySpan<char> range, ReadOnlySpan<char> mediaType) =>
        range.Equals(mediaType, StringComparison.OrdinalIgnoreCase) ? 3
        : range.EndsWith("/*") && range[..^2].Equals(mediaType[..mediaType.IndexOf('/')], StringComparison.OrdinalIgnoreCase) ? 2
        : range is "*/*" ? 1 : 0;

    private static double Weight(ReadOnlySpan<char> parameters)
    {
        foreach (var part in parameters.Split(';'))
        {
            var parameter = parameters[part].Trim();
            if (parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase))
                return double.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight) ? weight : 1;
        }
        return 1;
    }
}
