using System.Collections.Concurrent;

namespace Oktsec.TestServer.Http;

/// <summary>MCP 2024-11-05, HTTP with SSE.</summary>
internal sealed class LegacyEndpoint(ServerOptions server)
{
    private readonly ConcurrentDictionary<string, (Session Session, StreamChannel Channel)> _sessions = [];

    public void Map(IEndpointRouteBuilder app, string stream, string message)
    {
        app.MapGet(stream, http => StreamAsync(http, message));
        app.MapPost(message, PostAsync);
    }

    private async Task StreamAsync(HttpContext http, string message)
    {
        var id = Guid.NewGuid().ToString("N");
        var log = new EventLog("legacy", withIds: false);
        var channel = new StreamChannel(log);
        _sessions[id] = (new Session(server, channel) { Lose = () => _sessions.TryRemove(id, out _) }, channel);
        var endpoint = $"{message}?sessionId={id}";
        await log.SendAsync(System.Text.Encoding.UTF8.GetBytes(server.Arguments.ForeignEndpoint ?? endpoint), "endpoint");
        await log.ServeAsync(http, after: 0);
        _sessions.TryRemove(id, out _);
    }

    private async Task PostAsync(HttpContext http)
    {
        if (!_sessions.TryGetValue(http.Request.Query["sessionId"].ToString(), out var found))
        {
            http.Response.StatusCode = server.Arguments.Forgotten;
            return;
        }
        var body = await StreamableEndpoint.BodyAsync(http);
        var headers = http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString());
        _ = found.Session.HandleAsync(body, found.Channel, headers);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        await http.Response.WriteAsync("Accepted");
    }
}
