using System.Text.Json;

namespace Oktsec.Tests.Http;

/// <summary>A client that opens with revision 2026-07-28 and also speaks earlier ones.</summary>
public sealed class ModernClientTests(FrontFixture front) : IClassFixture<FrontFixture>
{
    // The errors by which such a client knows a server of its own era (2026-07-28, "Error Codes").
    private static readonly int[] Modern = [-32020, -32021, -32022];

    [Theory]
    [InlineData("server/discover")]
    [InlineData("tools/list")]
    public async Task FirstRequest_OfRevision2026_IsAnsweredSoThatTheClientFallsBack(string method)
    {
        var agent = await front.OpenAsync();
        var marker = agent.Marker();
        var body = $$$$$"""{"jsonrpc":"2.0","id":7,"method":"{{{{{method}}}}}","params":{"x":"{{{{{marker}}}}}","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"a","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}""";

        var reply = await agent.SendAsync(agent.Post(body)
            .Without("Mcp-Session-Id").With("MCP-Protocol-Version", "2026-07-28").Adding("Mcp-Method", method));

        // 2026-07-28, Streamable HTTP, "Backward Compatibility": 400 without one of those errors means initialize.
        Assert.Equal(400, reply.Status);
        var error = reply.Message().GetProperty("error");
        Assert.DoesNotContain(error.GetProperty("code").GetInt32(), Modern);
        Assert.Contains("initialize", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(marker, await agent.ReceivedAsync(), StringComparison.Ordinal);
        Assert.Contains(await agent.LogsAsync(), record => record.GetProperty("status").GetString() == "rejected");
    }

    [Fact]
    public async Task Initialize_AfterTheRefusal_OpensASession()
    {
        var agent = await front.OpenAsync();
        var reply = await agent.SendAsync(agent.Post(FrontAgent.Echo(agent.Marker())));
        Assert.Equal(JsonValueKind.Object, reply.Message().GetProperty("result").ValueKind);
    }
}
