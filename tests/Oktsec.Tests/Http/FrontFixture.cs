using System.Globalization;
using System.Text;
using System.Text.Json;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Http;

/// <summary>One gateway before one test server, and agents that nobody else is.</summary>
public class FrontFixture : IAsyncLifetime
{
    /// <summary>The gateway's configuration.</summary>
    protected virtual string Config => """
        gateway:
          allowed_origins: ["http://app.example"]
          allowed_hosts: ["gateway.example"]
        limits:
          max_body_bytes: 1000000
        mcp_servers:
          test:
            transport: stdio
            command: {server}
            args: ["--received", "{received}"]
            shared: true
        """;

    private GatewayProcess? _gateway;
    private LiveLog? _log;
    private int _agents;

    internal GatewayProcess Gateway => _gateway!;

    internal LiveLog Log => _log!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayProcess.StartAsync(Config);
        await OpenAsync(); // so that there is something to follow
        _log = _gateway.FollowLogs();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_log is not null)
            await _log.DisposeAsync();
        if (_gateway is not null)
            await _gateway.DisposeAsync();
    }

    /// <summary>An agent with an open session.</summary>
    internal async Task<FrontAgent> OpenAsync(string revision = "2025-11-25")
    {
        var agent = new FrontAgent(this, "agent-" + Interlocked.Increment(ref _agents).ToString(CultureInfo.InvariantCulture), revision);
        await agent.InitializeAsync();
        return agent;
    }
}

/// <summary>A client of the front: makes well-formed requests for a test to spoil.</summary>
internal sealed class FrontAgent(FrontFixture front, string name, string revision)
{
    private int _calls;

    public string Name => name;

    public string Session { get; private set; } = "";

    public async Task InitializeAsync()
    {
        var hello = Post($$$$$"""{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"{{{{{revision}}}}}","capabilities":{},"clientInfo":{"name":"wire","version":"1"}}}""");
        var reply = await SendAsync(hello.Without("MCP-Protocol-Version"));
        Assert.True(reply.Status == 200, $"{reply.Status} {reply.Body}");
        Session = reply.Header("Mcp-Session-Id");
        Assert.True(Session.Length > 0, reply.Body);
        Assert.Equal(revision, reply.Message().GetProperty("result").GetProperty("protocolVersion").GetString());
        Assert.Equal(202, (await SendAsync(Post("""{"jsonrpc":"2.0","method":"notifications/initialized"}"""))).Status);
    }

    public RawRequest Post(string body) => Request("POST", "application/json, text/event-stream").Adding("Content-Type", "application/json").WithBody(body);

    public RawRequest Get() => Request("GET", "text/event-stream");

    public RawRequest Delete() => Request("DELETE", "*/*");

    /// <summary>A call of <c>echo</c>.</summary>
    public static string Echo(string message, string id = "7") =>
        $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"method":"tools/call","params":{"name":"echo","arguments":{"message":"{{{{{message}}}}}"}}}""";

    /// <summary>A text that no other request carries.</summary>
    public string Marker() => $"{name}-call-{++_calls}";

    public Task<RawResponse> SendAsync(RawRequest request) => RawHttp.ExchangeAsync(front.Gateway.Port, request.ToBytes());

    /// <summary>What the backend got up to now: a call of our own is sent after it and waited for.</summary>
    public async Task<string> ReceivedAsync()
    {
        var reply = await SendAsync(Post(Echo(Marker())));
        Assert.True(reply.Status == 200, $"{reply.Status} {reply.Body}");
        return front.Gateway.Received();
    }

    /// <summary>The records of this agent so far, oldest first. Once only: they end with a call that is made for it.</summary>
    public async Task<IReadOnlyList<JsonElement>> LogsAsync()
    {
        const string last = """{"jsonrpc":"2.0","id":"last","method":"tools/call","params":{"name":"cwd","arguments":{}}}""";
        var reply = await SendAsync(Post(last));
        Assert.True(reply.Status == 200, $"{reply.Status} {reply.Body}");
        return await front.Log.UntilAsync(name, record => record.GetProperty("to").GetString() == "gateway/cwd");
    }

    private RawRequest Request(string method, string accept)
    {
        List<(string, string)> headers =
        [
            ("Host", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{front.Gateway.Port}")),
            ("X-Oktsec-Agent", name),
            ("Accept", accept),
            ("MCP-Protocol-Version", revision),
        ];
        if (Session.Length > 0)
            headers.Add(("Mcp-Session-Id", Session));
        return new RawRequest(method, "/mcp", headers, []);
    }
}

internal static class RawResponseExtensions
{
    /// <summary>The one JSON-RPC message of an answer, from JSON or from the last event of a stream.</summary>
    public static JsonElement Message(this RawResponse response)
    {
        var json = response.Header("Content-Type").StartsWith("text/event-stream", StringComparison.Ordinal)
            ? response.Body.Split('\n').Last(line => line.StartsWith("data: ", StringComparison.Ordinal))[6..]
            : response.Body;
        return JsonDocument.Parse(Encoding.UTF8.GetBytes(json)).RootElement;
    }
}
