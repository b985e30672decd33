using System.Buffers;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Oktsec.Demo;

/// <summary>An agent as any other: an HTTP client that speaks MCP to the gateway's address.</summary>
internal sealed class DemoAgent(HttpClient http, Uri endpoint, string name)
{
    private const string Revision = "2025-11-25";

    private string? _session;
    private int _id;

    public async Task ConnectAsync(CancellationToken cancel)
    {
        using var _ = await SendAsync("initialize", json =>
        {
            json.WriteString("protocolVersion", Revision);
            json.WriteStartObject("capabilities");
            json.WriteEndObject();
            json.WriteStartObject("clientInfo");
            json.WriteString("name", "oktsec-demo-agent");
            json.WriteString("version", "1.0.0");
            json.WriteEndObject();
        }, cancel);
        using var sent = await PostAsync("notifications/initialized", id: null, _ => { }, cancel);
    }

    public async Task<IReadOnlyList<string>> ListToolsAsync(CancellationToken cancel)
    {
        using var reply = await SendAsync("tools/list", _ => { }, cancel);
        return [.. reply.RootElement.GetProperty("result").GetProperty("tools").EnumerateArray().Select(t => t.GetProperty("name").GetString()!)];
    }

    public async Task<DemoReply> CallAsync(string tool, string argument, string value, CancellationToken cancel)
    {
        using var reply = await SendAsync("tools/call", json =>
        {
            json.WriteString("name", tool);
            json.WriteStartObject("arguments");
            json.WriteString(argument, value);
            json.WriteEndObject();
        }, cancel);
        return DemoReply.Read(reply.RootElement);
    }

    private async Task<JsonDocument> SendAsync(string method, Action<Utf8JsonWriter> parameters, CancellationToken cancel)
    {
        using var response = await PostAsync(method, ++_id, parameters, cancel);
        if (response.Headers.TryGetValues("Mcp-Session-Id", out var session))
            _session = session.First();
        var body = await response.Content.ReadAsStreamAsync(cancel);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
            return await JsonDocument.ParseAsync(body, cancellationToken: cancel);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancel))
        {
            var message = JsonDocument.Parse(item.Data);
            if (message.RootElement.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number && id.GetInt32() == _id)
                return message;
            message.Dispose();
        }
        throw new IOException($"{method}: the stream ended without an answer");
    }

    private async Task<HttpResponseMessage> PostAsync(string method, int? id, Action<Utf8JsonWriter> parameters, CancellationToken cancel)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc", "2.0");
            if (id is not null)
                json.WriteNumber("id", id.Value);
            json.WriteString("method", method);
            json.WriteStartObject("params");
            parameters(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        request.Content = new ReadOnlyMemoryContent(buffer.WrittenMemory);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.Add("X-Oktsec-Agent", name);
        if (_session is not null)
        {
            request.Headers.Add("Mcp-Session-Id", _session);
            request.Headers.Add("MCP-Protocol-Version", Revision);
        }
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
    }
}
