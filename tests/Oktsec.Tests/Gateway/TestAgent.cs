using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Oktsec.Tests.Gateway;

/// <summary>What a POST was answered with.</summary>
internal sealed record Answer(HttpStatusCode Status, string Body, IReadOnlyList<JsonNode> Messages)
{
    /// <summary>The message with the id of the request.</summary>
    public JsonNode Final => Messages[^1];

    public JsonNode? Result => Final["result"];

    public JsonNode? Error => Final["error"];

    public bool IsToolError => Result?["isError"]?.GetValue<bool>() == true;

    public string Text => Result?["content"]?[0]?["text"]?.GetValue<string>() ?? "";
}

/// <summary>An agent over raw HTTP: sends exactly the bytes a test wants and keeps the ones that come back.</summary>
internal sealed class TestAgent(Uri url, string? name) : IDisposable
{
    private readonly HttpClient _http = new();
    private int _lastId;

    public string? Session { get; set; }

    public Dictionary<string, string> Headers { get; } = [];

    public async Task<Answer> InitializeAsync(string capabilities = "{}", string version = "2025-06-18")
    {
        var answer = await SendAsync($$$$"""{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"{{{{version}}}}","capabilities":{{{{capabilities}}}},"clientInfo":{"name":"test","version":"1"}}}""");
        if (answer.Result is not null)
            await SendAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        return answer;
    }

    /// <summary>Calls a tool with raw JSON arguments.</summary>
    public Task<Answer> CallAsync(string tool, string arguments = "{}") =>
        RequestAsync("tools/call", $$"""{"name":{{JsonSerializer.Serialize(tool)}},"arguments":{{arguments}}}""");

    public async Task<string[]> ListAsync(string method = "tools/list", string member = "tools", string key = "name") =>
        [.. (await RequestAsync(method, "{}")).Result![member]!.AsArray().Select(t => t![key]!.GetValue<string>())];

    public Task<Answer> RequestAsync(string method, string parameters) =>
        SendAsync($$"""{"jsonrpc":"2.0","id":{{Interlocked.Increment(ref _lastId)}},"method":"{{method}}","params":{{parameters}}}""");

    public async Task<Answer> SendAsync(string body)
    {
        using var response = await PostAsync(body);
        var text = await response.Content.ReadAsStringAsync();
        if (response.Headers.TryGetValues("Mcp-Session-Id", out var ids))
            Session = ids.Single();
        return new Answer(response.StatusCode, text, Messages(response, text));
    }

    /// <summary>Sends and returns as soon as the headers are there.</summary>
    public Task<HttpResponseMessage> PostAsync(string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Prepare(request, "application/json, text/event-stream");
        return _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Opens the GET stream and yields its messages.</summary>
    public async IAsyncEnumerable<JsonNode> ListenAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        Prepare(request, "text/event-stream");
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                yield return JsonNode.Parse(line[6..])!;
        }
    }

    public async Task<HttpStatusCode> DeleteAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, url);
        Prepare(request, "*/*");
        using var response = await _http.SendAsync(request);
        return response.StatusCode;
    }

    public void Dispose() => _http.Dispose();

    private void Prepare(HttpRequestMessage request, string accept)
    {
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (name is not null)
            request.Headers.Add("X-Oktsec-Agent", name);
        if (Session is not null)
            request.Headers.Add("Mcp-Session-Id", Session);
        foreach (var (key, value) in Headers)
            request.Headers.TryAddWithoutValidation(key, value);
    }

    private static List<JsonNode> Messages(HttpResponseMessage response, string text) => response.Content.Headers.ContentType?.MediaType switch
    {
        "text/event-stream" => [.. text.Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal)).Select(l => JsonNode.Parse(l[6..])!)],
        "application/json" => [JsonNode.Parse(text)!],
        _ => [],
    };
}
