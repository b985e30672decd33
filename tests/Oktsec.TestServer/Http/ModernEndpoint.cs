using System.Text;
using System.Text.Json;

namespace Oktsec.TestServer.Http;

/// <summary>MCP 2026-07-28, Streamable HTTP; strict about what headers and body must say alike.</summary>
internal sealed class ModernEndpoint(ServerOptions server)
{
    public const string Version = "2026-07-28";

    private readonly Session _session = new(server, new Nowhere());

    public async Task HandleAsync(HttpContext http)
    {
        var accept = http.Request.Headers.Accept.ToString();
        if (http.Request.Method != "POST")
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        else if (!accept.Contains("application/json") || !accept.Contains("text/event-stream"))
            http.Response.StatusCode = StatusCodes.Status406NotAcceptable;
        else
            await PostAsync(http);
    }

    private async Task PostAsync(HttpContext http)
    {
        var body = await StreamableEndpoint.BodyAsync(http);
        var headers = http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString());
        var message = JsonDocument.Parse(body).RootElement;
        var request = new Request(message, _session, new Nowhere()) { Headers = headers };
        if (!message.TryGetProperty("method", out _))
        {
            server.Received.Add(body);
            http.Response.StatusCode = StatusCodes.Status400BadRequest; // a client must not send responses
        }
        else if (request.Id is null)
        {
            await _session.HandleAsync(body, new Nowhere(), headers);
            http.Response.StatusCode = StatusCodes.Status202Accepted;
        }
        else if (Mismatch(request, http) is { } mismatch)
        {
            await RefuseAsync(http, body, request, StatusCodes.Status400BadRequest, $$"""{"code":-32020,"message":{{Request.Quote("Header mismatch: " + mismatch)}}}""");
        }
        else if (ModernMethods.Problem(request) is { } problem)
        {
            var status = problem.Contains("-32601") ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest;
            await RefuseAsync(http, body, request, status, problem);
        }
        else
        {
            await AnswerAsync(http, body, headers);
        }
    }

    private async Task AnswerAsync(HttpContext http, byte[] body, Dictionary<string, string> headers)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var aborted = http.RequestAborted.Register(() => left.TrySetResult());
        var channel = new PostChannel(http, new EventLog("modern", withIds: false), server.Arguments.Json);
        channel.OpenStream();
        var handled = _session.HandleAsync(body, channel, headers, left.Task);
        _ = handled.ContinueWith(_ => channel.End(), TaskScheduler.Default);
        if (await Task.WhenAny(handled, channel.Left) == handled)
            await channel.Left;
        await channel.CloseAsync();
        left.TrySetResult();
    }

    private Task RefuseAsync(HttpContext http, byte[] body, Request request, int status, string error)
    {
        server.Received.Add(body);
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync($$"""{"jsonrpc":"2.0","id":{{request.Id}},"error":{{error}}}""");
    }

    private string? Mismatch(Request request, HttpContext http)
    {
        var headers = http.Request.Headers;
        if (headers["MCP-Protocol-Version"].ToString() != request.Version && request.Version is not null)
            return "MCP-Protocol-Version";
        if (headers["Mcp-Method"].ToString() != request.Method)
            return "Mcp-Method";
        var name = request.Method is "tools/call" or "prompts/get" ? "name" : request.Method is "resources/read" ? "uri" : null;
        if (name is not null && Decode(headers["Mcp-Name"].ToString()) != request.Params.GetProperty(name).GetString())
            return "Mcp-Name";
        return request.Method == "tools/call" ? MissingParameter(request, headers) : null;
    }

    // Only the top level of a schema: that is what the scripts of the tests annotate, and one level below.
    private string? MissingParameter(Request request, IHeaderDictionary headers)
    {
        var tool = server.Script.List("tools").FirstOrDefault(entry => entry.Name == request.Params.GetProperty("name").GetString());
        if (tool is null || !JsonDocument.Parse(tool.Definition).RootElement.TryGetProperty("inputSchema", out var schema))
            return null;
        return Missing(schema, request.Arguments, headers);
    }

    private static string? Missing(JsonElement schema, JsonElement arguments, IHeaderDictionary headers)
    {
        if (!schema.TryGetProperty("properties", out var properties))
            return null;
        foreach (var property in properties.EnumerateObject())
        {
            var has = arguments.ValueKind == JsonValueKind.Object && arguments.TryGetProperty(property.Name, out var value) && value.ValueKind != JsonValueKind.Null;
            value = has ? arguments.GetProperty(property.Name) : default;
            if (property.Value.TryGetProperty("x-mcp-header", out var header))
            {
                var said = headers.TryGetValue("Mcp-Param-" + header.GetString(), out var values) ? Decode(values.ToString()) : null;
                var wanted = !has ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
                if (said != wanted && !(has && value.ValueKind == JsonValueKind.Number && double.TryParse(said, out var number) && number == value.GetDouble()))
                    return "Mcp-Param-" + header.GetString();
            }
            if (Missing(property.Value, value, headers) is { } below)
                return below;
        }
        return null;
    }

    private static string Decode(string value) => value.StartsWith("=?base64?", StringComparison.Ordinal) && value.EndsWith("?=", StringComparison.Ordinal)
        ? Encoding.UTF8.GetString(Convert.FromBase64String(value["=?base64?".Length..^2])) : value;

    /// <summary>There is no stream but that of a request.</summary>
    private sealed class Nowhere : Channel
    {
        public override Task SendAsync(ReadOnlyMemory<byte> message) => Task.CompletedTask;

        public override Task CutAsync(bool gracefully) => Task.CompletedTask;
    }
}
