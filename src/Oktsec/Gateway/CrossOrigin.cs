using Microsoft.AspNetCore.Http;
using Oktsec.Core.Pipeline;
using Oktsec.Identity;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway;

/// <summary>Lets pages of <c>gateway.allowed_origins</c> read our answers (Fetch standard, "CORS protocol"); every other page gets nothing.</summary>
internal static class CrossOrigin
{
    /// <summary>What a page may send: the headers of Streamable HTTP, and who it is.</summary>
    private const string Headers = $"Accept, Authorization, Content-Type, Last-Event-ID, {HeaderRules.Session}, {HeaderRules.Version}, {AgentIdentity.Header}";

    private const string SecondsToRemember = "600"; // ten minutes: less than browsers' own caps (Chromium two hours), soon enough after a reload

    /// <summary>Adds what lets an allowed page read this answer.</summary>
    public static void Allow(HttpContext http, HttpFacts facts)
    {
        if (facts.Origin.Length == 0 || !facts.IsOriginAllowed)
            return;
        http.Response.Headers.AccessControlAllowOrigin = facts.Origin;
        http.Response.Headers.AccessControlExposeHeaders = HeaderRules.Session;
        http.Response.Headers.Vary = "Origin";
    }

    /// <summary>Answers OPTIONS. A browser asks before each POST of JSON, and sends it only after this yes.</summary>
    public static void Preflight(HttpContext http, HttpFacts facts)
    {
        if (!facts.IsOriginAllowed || !facts.IsHostAllowed)
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }
        http.Response.Headers.Allow = McpEndpoint.Methods;
        if (facts.Origin.Length == 0 || !http.Request.Headers.ContainsKey("Access-Control-Request-Method"))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }
        Allow(http, facts);
        http.Response.Headers.AccessControlAllowMethods = McpEndpoint.Methods;
        http.Response.Headers.AccessControlAllowHeaders = Headers;
        http.Response.Headers.AccessControlMaxAge = SecondsToRemember;
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
