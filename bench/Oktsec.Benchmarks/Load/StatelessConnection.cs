using System.Text;

namespace Oktsec.Benchmarks.Load;

/// <summary>An agent of 2026-07-28: no session, headers and <c>_meta</c> with each request, over one kept-alive connection.</summary>
internal sealed class StatelessConnection(int port) : IConnection
{
    public const string Revision = "2026-07-28";

    /// <summary>What stands in <c>params</c> before the rest.</summary>
    public const string Meta =
        "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientInfo\":{\"name\":\"load\",\"version\":\"1.0.0\"}," +
        "\"io.modelcontextprotocol/clientCapabilities\":{}}";

    private readonly HttpConnection _http = new(port);

    public ReadOnlySpan<byte> Request(string method)
    {
        _http.Headers = $"MCP-Protocol-Version: {Revision}\r\nMcp-Method: {method}\r\n";
        return _http.Call(Encoding.UTF8.GetBytes($"{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{method}\",\"params\":{{{Meta}}}}}\n"));
    }

    public ReadOnlySpan<byte> Call(ReadOnlySpan<byte> request) => _http.Call(request);

    public void Notify(ReadOnlySpan<byte> notification) => _http.Notify(notification);

    public CallWriter Writer(Payload payload, int number)
    {
        _http.Headers = $"MCP-Protocol-Version: {Revision}\r\nMcp-Method: tools/call\r\nMcp-Name: {payload.Tool}\r\n";
        return new CallWriter(payload, number, Meta + ",");
    }

    public void Dispose() => _http.Dispose();
}
