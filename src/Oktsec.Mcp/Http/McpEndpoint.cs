using System.Buffers;
using Microsoft.AspNetCore.Http;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Polling;

namespace Oktsec.Mcp.Http;

/// <summary>One POST, read: the message, or why it is none.</summary>
/// <param name="Http">The request.</param>
/// <param name="Message">The message, null when refused.</param>
/// <param name="Error">Why the body is no message, null otherwise.</param>
/// <param name="Problem">Why the HTTP request is refused whatever its body, null otherwise.</param>
public sealed record Inbound(HttpContext Http, RpcMessage? Message, EnvelopeError? Error, HttpProblem? Problem)
{
    /// <summary>Whether it is of a revision without sessions.</summary>
    public bool IsStateless { get; init; }

    /// <summary>Why such a message is refused, null otherwise.</summary>
    public RequestRefusal? Refusal { get; init; }
}

/// <summary>What stands behind the endpoint: decides and answers. The endpoint reads and frames, and knows no policy.</summary>
public interface IAgentDoor
{
    /// <summary>Answers a POST through <paramref name="reply"/>.</summary>
    Task PostAsync(Inbound inbound, PostReply reply);

    /// <summary>Serves or refuses the GET stream of a session.</summary>
    Task GetAsync(HttpContext http, HttpProblem? problem);

    /// <summary>Ends a session.</summary>
    Task DeleteAsync(HttpContext http, HttpProblem? problem);

    /// <summary>Answers a browser that asks before it sends.</summary>
    Task OptionsAsync(HttpContext http);
}

/// <summary>Streamable HTTP on one path: POST, GET and DELETE (MCP 2025-11-25, Transports).</summary>
public sealed class McpEndpoint(IAgentDoor door, Heartbeat heartbeat, Func<EnvelopeLimits> limits)
{
    /// <summary>The methods served, as in an Allow header.</summary>
    public const string Methods = "POST, GET, DELETE";

    public Task HandleAsync(HttpContext http) => http.Request.Method switch
    {
        "POST" => PostAsync(http),
        "GET" => door.GetAsync(http, HeaderRules.Get(http.Request.Headers)),
        "DELETE" => door.DeleteAsync(http, HeaderRules.Delete(http.Request.Headers)),
        "OPTIONS" => door.OptionsAsync(http),
        _ => NotAllowed(http),
    };

    private async Task PostAsync(HttpContext http)
    {
        var cap = limits();
        var problem = HeaderRules.Post(http.Request.Headers);
        if (problem is null && http.Request.ContentLength > cap.MaxBytes)
            problem = TooLarge(cap);
        RpcMessage? message = null;
        EnvelopeError? error = null;
        if (problem is null)
        {
            try
            {
                if (await RequestBody.ReadAsync(http.Request.BodyReader, cap.MaxBytes, http.RequestAborted) is { } body)
                {
                    if (PollWorker.IsLong(body.Length))
                        await Task.Yield(); // to the pool: others wait for this thread
                    if (!EnvelopeReader.TryRead(body.Buffer.AsMemory(0, body.Length), cap, out message, out error, body.Buffer))
                        ArrayPool<byte>.Shared.Return(body.Buffer); // the error shares no memory with it
                }
                else
                {
                    problem = TooLarge(cap);
                }
            }
            catch (BadHttpRequestException e)
            {
                problem = new HttpProblem(e.StatusCode, "the body does not end as Content-Length or its chunks say");
            }
        }
        var isStateless = message is not null && StatelessRules.Applies(message, http.Request.Headers);
        if (message is not null && !isStateless)
            problem ??= HeaderRules.OfSession(http.Request.Headers);
        await using var reply = new PostReply(http, heartbeat) { PrefersEvents = HeaderRules.PrefersEvents(http.Request.Headers.Accept) };
        var refusal = isStateless ? StatelessRules.Check(message!, http.Request.Headers) : null;
        await door.PostAsync(new Inbound(http, message, error, problem) { IsStateless = isStateless, Refusal = refusal }, reply);
    }

    private static HttpProblem TooLarge(EnvelopeLimits cap) =>
        new(StatusCodes.Status413PayloadTooLarge, $"the message is larger than {cap.MaxBytes} bytes (limits.max_body_bytes)");

    private static Task NotAllowed(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        http.Response.Headers.Allow = Methods;
        return Task.CompletedTask;
    }
}
