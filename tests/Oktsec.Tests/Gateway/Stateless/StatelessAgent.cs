using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Oktsec.Tests.Gateway.Stateless;

/// <summary>An agent of 2026-07-28 over raw HTTP: every request says for itself who sends it; a test may spoil any part.</summary>
internal sealed class StatelessAgent(TestGateway gateway, string? name = "tester", string capabilities = "{}") : IDisposable
{
    public const string Revision = "2026-07-28";

    private readonly HttpClient _http = new();
    private int _lastId;

    /// <summary>The <c>_meta</c> of a good request, with more members if wanted.</summary>
    public string Meta(string more = "") =>
        $$$"""{"io.modelcontextprotocol/protocolVersion":"{{{Revision}}}","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{{{capabilities}}}{{{more}}}}""";

    /// <summary>Sends a good request: its params get the <c>_meta</c>, its headers say what the body says.</summary>
    /// <param name="method">The method.</param>
    /// <param name="members">Raw members of params, without <c>_meta</c>.</param>
    /// <param name="meta">Further raw members of <c>_meta</c>, with a comma before.</param>
    public Task<Answer> RequestAsync(string method, string members = "", string meta = "") => SendAsync(Body(method, members, meta));

    public Task<Answer> CallAsync(string tool, string arguments = "{}", string meta = "", string more = "") =>
        RequestAsync("tools/call", $"\"name\":{JsonSerializer.Serialize(tool)},\"arguments\":{arguments}{more}", meta);

    public async Task<string[]> ListAsync(string method = "tools/list", string member = "tools", string key = "name") =>
        [.. (await RequestAsync(method)).Result![member]!.AsArray().Select(t => t![key]!.GetValue<string>())];

    public string Body(string method, string members = "", string meta = "") =>
        $$$"""{"jsonrpc":"2.0","id":{{{Interlocked.Increment(ref _lastId)}}},"method":"{{{method}}}","params":{{{{members}}}{{{(members.Length > 0 ? "," : "")}}}"_meta":{{{Meta(meta)}}}}}""";

    public Task<Answer> SendAsync(string body, params (string Name, string? Value)[] spoilt) => AnswerOf(PostAsync(body, CancellationToken.None, spoilt));

    /// <summary>Sends and returns as soon as the headers are there.</summary>
    /// <param name="spoilt">Headers to set otherwise than the body says; null leaves one out.</param>
    public async Task<HttpResponseMessage> PostAsync(string body, CancellationToken cancel, params (string Name, string? Value)[] spoilt)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var headers = Mirrored(body);
        foreach (var (header, value) in spoilt)
        {
            if (value is null)
                headers.Remove(header);
            else
                headers[header] = value;
        }
        foreach (var (header, value) in headers)
            request.Headers.TryAddWithoutValidation(header, value);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method)
    {
        using var request = new HttpRequestMessage(method, gateway.Url);
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", Revision);
        if (name is not null)
            request.Headers.TryAddWithoutValidation("X-Oktsec-Agent", name);
        return await _http.SendAsync(request);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<Answer> AnswerOf(Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, text, Messages(response, text));
    }

    private Dictionary<string, string> Mirrored(string body)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Accept"] = "application/json, text/event-stream", ["MCP-Protocol-Version"] = Revision };
        if (name is not null)
            headers["X-Oktsec-Agent"] = name;
        try
        {
            using var message = JsonDocument.Parse(body);
            headers["Mcp-Method"] = message.RootElement.GetProperty("method").GetString()!;
            var parameters = message.RootElement.GetProperty("params");
            foreach (var member in new[] { "name", "uri", "taskId" })
            {
                if (parameters.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String)
                    headers["Mcp-Name"] = Encoded(value.GetString()!);
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // A spoilt body has nothing to mirror.
        }
        return headers;
    }

    public static string Encoded(string value) =>
        value.All(c => c is >= ' ' and <= '~') && value.Trim() == value ? value : $"=?base64?{Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}?=";

    private static List<JsonNode> Messages(HttpResponseMessage response, string text) => response.Content.Headers.ContentType?.MediaType switch
    {
        "text/event-stream" => [.. text.Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal)).Select(l => JsonNode.Parse(l[6..])!)],
        "application/json" => [JsonNode.Parse(text)!],
        _ => [],
    };
}

/// <summary>An open stream of events, read one message at a time.</summary>
internal sealed class OpenStream(HttpResponseMessage response, StreamReader reader) : IDisposable
{
    public HttpResponseMessage Response => response;

    public static async Task<OpenStream> OfAsync(Task<HttpResponseMessage> sending)
    {
        var response = await sending;
        return new OpenStream(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    public Task<JsonNode> NextAsync() => Surfaces.Scripted.NextAsync(reader);

    /// <summary>What comes until it ends, without the comments that keep it alive.</summary>
    public async Task<string> RestAsync() =>
        string.Join('\n', (await reader.ReadToEndAsync()).Split('\n').Where(line => line.Length > 0 && !line.StartsWith(':')));

    /// <summary>Leaves, as a client does that wants no more.</summary>
    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }
}
