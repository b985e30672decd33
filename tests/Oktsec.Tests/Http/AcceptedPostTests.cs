using System.Globalization;
using System.Text.Json;

namespace Oktsec.Tests.Http;

/// <summary>What must pass, next to what must not.</summary>
public sealed class AcceptedPostTests(FrontFixture front) : IClassFixture<FrontFixture>
{
    [Theory]
    [InlineData("2024-11-05")]
    [InlineData("2025-03-26")]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    public async Task Call_EachRevision_IsAnsweredWithJson(string revision)
    {
        var agent = await front.OpenAsync(revision);
        var marker = agent.Marker();

        var reply = await agent.SendAsync(agent.Post(FrontAgent.Echo(marker)));

        Assert.Equal((200, "application/json"), (reply.Status, reply.Header("Content-Type")));
        Assert.Equal(marker, TextOf(reply.Message()));
        Assert.Contains(marker, front.Gateway.Received(), StringComparison.Ordinal);
        var record = Assert.Single(await agent.LogsAsync(), IsEcho);
        Assert.Equal(("allow", "delivered"), (record.GetProperty("decision").GetString(), record.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Initialize_UnknownRevision_AnswersOurLatest()
    {
        var agent = await front.OpenAsync();
        var reply = await agent.SendAsync(agent.Post(
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2099-01-01","capabilities":{},"clientInfo":{"name":"a","version":"1"}}}""")
            .Without("Mcp-Session-Id").Without("MCP-Protocol-Version"));

        Assert.Equal(200, reply.Status);
        Assert.Equal("2025-11-25", reply.Message().GetProperty("result").GetProperty("protocolVersion").GetString());
    }

    public static TheoryData<string, string> Headers { get; } = new()
    {
        { "Origin", "http://app.example" },
        { "Host", "localhost" },
        { "Host", "LOCALHOST" },
        { "Host", "[::1]" },
        { "Host", "gateway.example" },
        { "Accept", "*/*" },
        { "Accept", "application/*, text/*;q=0.5" },
        { "Accept", "text/event-stream;q=1 , APPLICATION/JSON" },
        { "Content-Type", "application/json; charset=utf-8" },
        { "Content-Type", "Application/JSON;charset=\"UTF-8\"" },
        { "MCP-Protocol-Version", "2025-06-18" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task Call_OtherGoodHeader_IsForwarded(string name, string value)
    {
        var agent = await front.OpenAsync();
        var marker = agent.Marker();
        if (name == "Host")
            value += ":" + front.Gateway.Port.ToString(CultureInfo.InvariantCulture);

        var reply = await agent.SendAsync(agent.Post(FrontAgent.Echo(marker)).With(name, value));

        Assert.True(reply.Status == 200, $"{reply.Status} {reply.Body}");
        Assert.Contains(marker, front.Gateway.Received(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_WithoutVersionHeader_IsForwarded()
    {
        // MCP 2025-06-18, Transports, "Protocol Version Header": without one the server assumes 2025-03-26.
        var agent = await front.OpenAsync();
        Assert.Equal(200, (await agent.SendAsync(agent.Post(FrontAgent.Echo(agent.Marker())).Without("MCP-Protocol-Version"))).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public async Task Call_InChunksWithoutContentLength_IsForwarded(int chunk)
    {
        var agent = await front.OpenAsync();
        var marker = agent.Marker();

        var reply = await agent.SendAsync(agent.Post(FrontAgent.Echo(marker)) with { ChunkSize = chunk });

        Assert.Equal(marker, TextOf(reply.Message()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60_000)]
    public async Task Call_AsLargeAsTheCap_IsForwarded(int chunk)
    {
        var agent = await front.OpenAsync();
        var body = FrontAgent.Echo(agent.Marker());
        body = body.Replace("\"message\":\"", "\"message\":\"" + new string('x', 1_000_000 - body.Length), StringComparison.Ordinal);
        Assert.Equal(1_000_000, body.Length);

        var reply = await agent.SendAsync(agent.Post(body) with { ChunkSize = chunk });

        Assert.True(reply.Status == 200, $"{reply.Status} {reply.Body}");
    }

    [Fact]
    public async Task Call_AnyId_IsAnsweredWithTheIdAsSpelled()
    {
        var agent = await front.OpenAsync();
        foreach (var id in (string[])["0", "-1", "9007199254740993", "123456789012345678901234567890", "\"\"", "\"a\\u0062\\/\""])
        {
            var reply = await agent.SendAsync(agent.Post(FrontAgent.Echo(agent.Marker(), id)));
            Assert.Equal(id, reply.Message().GetProperty("id").GetRawText());
        }
    }

    [Fact]
    public async Task Call_MethodAndNameInEscapes_AreUnderstoodAndForwardedAsSpelled()
    {
        var agent = await front.OpenAsync();
        var marker = agent.Marker();
        var body = FrontAgent.Echo(marker + "\\u0021")
            .Replace("tools/call", "tools\\/c\\u0061ll", StringComparison.Ordinal).Replace("\"echo\"", "\"\\u0065cho\"", StringComparison.Ordinal);

        var reply = await agent.SendAsync(agent.Post(body));

        Assert.Equal(marker + "!", TextOf(reply.Message()));
        var line = front.Gateway.Received().Split('\n').Single(line => line.Contains(marker, StringComparison.Ordinal));
        Assert.Contains("tools\\/c\\u0061ll", line, StringComparison.Ordinal);
        Assert.Contains(marker + "\\u0021", line, StringComparison.Ordinal);
        Assert.Single(await agent.LogsAsync(), IsEcho);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":99,"result":{}}""")]
    public async Task Post_NothingToAnswer_Is202WithoutBody(string body)
    {
        var agent = await front.OpenAsync();
        var reply = await agent.SendAsync(agent.Post(body));
        Assert.Equal((202, ""), (reply.Status, reply.Body));
    }

    [Fact]
    public async Task Call_WithProgress_IsAnsweredWithAStream()
    {
        var agent = await front.OpenAsync();
        var reply = await agent.SendAsync(agent.Post(
            """{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"slow","arguments":{"ms":10,"progress":2},"_meta":{"progressToken":"mine"}}}"""));

        Assert.Equal(200, reply.Status);
        Assert.StartsWith("text/event-stream", reply.Header("Content-Type"), StringComparison.Ordinal);
        Assert.Equal("no", reply.Header("X-Accel-Buffering"));
        var messages = reply.Body.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line[6..]).RootElement).ToArray();
        Assert.Equal(3, messages.Length);
        Assert.All(messages[..2], message => Assert.Equal("mine", message.GetProperty("params").GetProperty("progressToken").GetString()));
        Assert.Equal("done", TextOf(messages[2]));
    }

    [Theory]
    [InlineData("2025-06-18", false)]
    [InlineData("2025-11-25", true)]
    public async Task Call_OfAClientThatNamesStreamsFirst_IsAnsweredWithAStream(string revision, bool canComeBack)
    {
        var agent = await front.OpenAsync(revision);
        var marker = agent.Marker();
        const string streams = "text/event-stream, application/json";

        var reply = await agent.SendAsync(agent.Post(FrontAgent.Echo(marker)).With("Accept", streams));
        var refused = await agent.SendAsync(agent.Post("[]").With("Accept", streams));

        Assert.StartsWith("text/event-stream", reply.Header("Content-Type"), StringComparison.Ordinal);
        Assert.Equal(marker, TextOf(reply.Message()));
        Assert.Equal(canComeBack, reply.Body.Contains("retry: ", StringComparison.Ordinal));
        Assert.Equal((400, "application/json"), (refused.Status, refused.Header("Content-Type")));
    }

    [Fact]
    public async Task Call_ThatTakesLong_BecomesAStream()
    {
        var agent = await front.OpenAsync();
        using var connection = await RawHttp.ConnectAsync(front.Gateway.Port);
        var gate = agent.Marker();
        await connection.SendAsync(agent.Post(
            $$$$$"""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"hold","arguments":{"name":"{{{{{gate}}}}}"}}}""").ToBytes());

        // The headers come although the answer does not exist yet.
        var head = await connection.ReceiveHeadAsync();
        Assert.StartsWith("text/event-stream", head.Header("Content-Type"), StringComparison.Ordinal);
        await agent.SendAsync(agent.Post(
            $$$$$"""{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"release","arguments":{"name":"{{{{{gate}}}}}"}}}"""));

        Assert.Contains("held until released", await connection.NextEventAsync(), StringComparison.Ordinal);
        Assert.Null(await connection.NextEventAsync());
    }

    private static bool IsEcho(JsonElement record) => record.GetProperty("to").GetString() == "gateway/echo";

    private static string? TextOf(JsonElement message) => message.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString();
}
