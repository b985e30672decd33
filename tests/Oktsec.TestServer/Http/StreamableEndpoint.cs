using System.Collections.Concurrent;
using System.Text.Json;

namespace Oktsec.TestServer.Http;

/// <summary>MCP 2025-03-26 to 2025-11-25, Streamable HTTP; strict about what a client must send.</summary>
internal sealed class StreamableEndpoint(ServerOptions server)
{
    private readonly ConcurrentDictionary<string, HttpSession> _sessions = [];
    private readonly ModernEndpoint? _modern = server.Arguments.Modern ? new ModernEndpoint(server) : null;
    private HttpSession? _only; // of a stateless server

    public void Map(IEndpointRouteBuilder app, string path)
    {
        app.MapPost(path, PostAsync);
        app.MapGet(path, GetAsync);
        app.MapDelete(path, Delete);
    }

    private async Task PostAsync(HttpContext http)
    {
        if (_modern is not null && http.Request.Headers["MCP-Protocol-Version"].ToString() == ModernEndpoint.Version)
        {
            await _modern.HandleAsync(http);
            return;
        }
        var accept = http.Request.Headers.Accept.ToString();
        if (!accept.Contains("application/json") || !accept.Contains("text/event-stream"))
        {
            http.Response.StatusCode = StatusCodes.Status406NotAcceptable;
            return;
        }
        if (http.Request.ContentType is null || !http.Request.ContentType.StartsWith("application/json"))
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }
        var body = await BodyAsync(http);
        using var json = JsonDocument.Parse(body);
        var method = json.RootElement.TryGetProperty("method", out var name) ? name.GetString() : null;
        if (method == "initialize")
            await AnswerAsync(http, body, NewSession(http));
        else if (Find(http) is not { } session)
            return;
        else if (method is not null && json.RootElement.TryGetProperty("id", out _))
            await AnswerAsync(http, body, session);
        else
        {
            await session.Session.HandleAsync(body, new StreamChannel(session.Listening));
            http.Response.StatusCode = StatusCodes.Status202Accepted;
        }
    }

    private async Task AnswerAsync(HttpContext http, byte[] body, HttpSession session)
    {
        var channel = new PostChannel(http, session.NewStream(), server.Arguments.Json);
        channel.OpenStream();
        // A client that leaves does not cancel (MCP 2025-11-25, Transports): the tool goes on, only the connection ends.
        var handled = session.Session.HandleAsync(body, channel, Headers(http));
        _ = handled.ContinueWith(_ => channel.End(), TaskScheduler.Default);
        if (await Task.WhenAny(handled, channel.Left) == handled)
            await channel.Left;
        await channel.CloseAsync();
    }

    private async Task GetAsync(HttpContext http)
    {
        if (server.Arguments.NoGet)
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }
        if (Find(http) is not { } session)
            return;
        var last = http.Request.Headers["Last-Event-ID"].ToString().Split('-');
        if (last is [var name, var number] && session.Streams.TryGetValue(name, out var log))
            await log.ServeAsync(http, int.Parse(number));
        else if (session.Listening.IsAttached)
            http.Response.StatusCode = StatusCodes.Status409Conflict;
        else
            await session.Listening.ServeAsync(http, after: 0);
    }

    private void Delete(HttpContext http)
    {
        if (Find(http) is { } session)
            Forget(session);
    }

    private HttpSession NewSession(HttpContext http)
    {
        var session = new HttpSession(server, Forget);
        if (server.Arguments.Stateless)
            return _only ??= session;
        _sessions[session.Id] = session;
        http.Response.Headers["Mcp-Session-Id"] = session.Id;
        return session;
    }

    private HttpSession? Find(HttpContext http)
    {
        if (http.Request.Headers["MCP-Protocol-Version"].Count != 1)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return null;
        }
        if (server.Arguments.Stateless)
            return _only;
        var id = http.Request.Headers["Mcp-Session-Id"].ToString();
        if (_sessions.TryGetValue(id, out var session))
            return session;
        http.Response.StatusCode = id.Length == 0 ? StatusCodes.Status400BadRequest : server.Arguments.Forgotten;
        return null;
    }

    private void Forget(HttpSession session)
    {
        _sessions.TryRemove(session.Id, out _);
        session.Listening.End();
    }

    private static Dictionary<string, string> Headers(HttpContext http) =>
        http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString());

    internal static async Task<byte[]> BodyAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }
}
