using System.Text.Json;

namespace Oktsec.Tests.Http;

/// <summary>A client that opens with revision 2026-07-28 and also speaks earlier ones.</summary>
public sealed class ModernClientTests(FrontFixture front) : IClassFixture<FrontFixture>
{
    private const string Meta = """{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"a","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}""";

    // The errors by which such a client knows a server of its own era (2026-07-28, "Error Codes").
    private static readonly int[] Modern = [-32020, -32021, -32022];

    [Theory]
    [InlineData("server/discover")]
    [InlineData("tools/list")]
    public async Task FirstRequest_OfRevision2026_IsAnsweredInIt(string method)
    {
        var agent = await front.OpenAsync();
        var reply = await agent.SendAsync(Stateless(agent, $$$"""{"jsonrpc":"2.0","id":7,"method":"{{{method}}}","params":{"_meta":{{{Meta}}}}}""").Adding("Mcp-Method", method));
        Assert.Equal(200, reply.Status);
        Assert.Equal("complete", reply.Message().GetProperty("result").GetProperty("resultType").GetString());
        Assert.Equal("", reply.Header("Mcp-Session-Id"));
    }

    [Fact]
    public async Task FirstRequest_OfRevision2026ThatIsWrong_IsAnsweredSoThatTheClientStays()
    {
        var agent = await front.OpenAsync();
        var marker = agent.Marker();
        var reply = await agent.SendAsync(Stateless(agent, $$$"""{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"x":"{{{marker}}}","_meta":{{{Meta}}}}}"""));

        // 2026-07-28, Streamable HTTP, "Backward Compatibility": 400 without one of those errors would mean initialize.
        Assert.Equal(400, reply.Status);
        Assert.Contains(reply.Message().GetProperty("error").GetProperty("code").GetInt32(), Modern);
        Assert.DoesNotContain(marker, await agent.ReceivedAsync(), StringComparison.Ordinal);
        Assert.Contains(await agent.LogsAsync(), record => record.GetProperty("status").GetString() == "rejected");
    }

    [Fact]
    public async Task Initialize_OnTheSamePath_OpensASession()
    {
        var agent = await front.OpenAsync();
        var reply = await agent.SendAsync(agent.Post(FrontAgent.Echo(agent.Marker())));
        Assert.Equal(JsonValueKind.Object, reply.Message().GetProperty("result").ValueKind);
    }

    private static RawRequest Stateless(FrontAgent agent, string body) =>
        agent.Post(body).Without("Mcp-Session-Id").With("MCP-Protocol-Version", "2026-07-28");
}
