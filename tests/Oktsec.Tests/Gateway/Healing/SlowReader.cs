using System.Text;
using System.Text.Json.Nodes;
using Oktsec.Tests.Http;

namespace Oktsec.Tests.Gateway.Healing;

/// <summary>A connection of an agent that reads nothing until it is told to.</summary>
internal sealed class SlowReader : IDisposable
{
    private const int SmallBuffer = 4096; // bytes: the gateway notices soon that nobody reads

    private readonly RawHttp _http;

    private SlowReader(RawHttp http) => _http = http;

    /// <summary>Sends a request over a connection of its own.</summary>
    public static async Task<SlowReader> SendAsync(TestGateway gateway, string method, string body, params (string Name, string Value)[] headers)
    {
        var http = await RawHttp.ConnectAsync(gateway.Url.Port, SmallBuffer);
        var request = new RawRequest(method, gateway.Url.AbsolutePath,
            [("Host", gateway.Url.Authority), ("X-Oktsec-Agent", "tester"), ("Accept", method == "GET" ? "text/event-stream" : "application/json, text/event-stream"),
                .. method == "GET" ? (ReadOnlySpan<(string, string)>)[] : [("Content-Type", "application/json")], .. headers], Encoding.UTF8.GetBytes(body));
        await http.SendAsync(request.ToBytes());
        return new SlowReader(http);
    }

    /// <summary>Reads until a message is found, and returns it with how many came before.</summary>
    public async Task<(JsonNode Found, int Before)> ReadUntilAsync(Func<JsonNode, bool> isWanted)
    {
        var head = await _http.ReceiveHeadAsync();
        Assert.Equal((200, "text/event-stream"), (head.Status, head.Headers["Content-Type"]));
        for (var before = 0; await _http.NextEventAsync() is { } data; before++)
        {
            var message = JsonNode.Parse(data)!;
            if (isWanted(message))
                return (message, before);
        }
        throw new EndOfStreamException();
    }

    public void Dispose() => _http.Dispose();
}
