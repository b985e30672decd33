using System.Globalization;
using System.Text;

namespace Oktsec.Tests.Http;

/// <summary>Requests that two HTTP readers could take apart differently: what is hidden in them must not reach the backend.</summary>
public sealed class HttpSyntaxTests(FrontFixture front) : IClassFixture<FrontFixture>
{
    public static TheoryData<string, string> Ambiguous { get; } = new()
    {
        { "two content lengths", "POST /mcp HTTP/1.1\r\n{headers}Content-Length: {length}\r\nContent-Length: 3\r\n\r\n{body}" },
        { "two content lengths in one", "POST /mcp HTTP/1.1\r\n{headers}Content-Length: {length}, 3\r\n\r\n{body}" },
        { "content length in hexadecimal", "POST /mcp HTTP/1.1\r\n{headers}Content-Length: 0x40\r\n\r\n{body}" },
        { "no length at all", "POST /mcp HTTP/1.1\r\n{headers}\r\n{body}" },
        { "unknown transfer encoding", "POST /mcp HTTP/1.1\r\n{headers}Transfer-Encoding: xchunked\r\n\r\n{body}" },
        { "chunked not last", "POST /mcp HTTP/1.1\r\n{headers}Transfer-Encoding: chunked, identity\r\n\r\n{body}" },
        { "chunk size with a sign", "POST /mcp HTTP/1.1\r\n{headers}Transfer-Encoding: chunked\r\n\r\n+{hex}\r\n{body}\r\n0\r\n\r\n" },
        { "chunk without line end", "POST /mcp HTTP/1.1\r\n{headers}Transfer-Encoding: chunked\r\n\r\n{hex}\r\n{body}0\r\n\r\n" },
        { "space before the colon", "POST /mcp HTTP/1.1\r\n{headers}Content-Length : {length}\r\n\r\n{body}" },
        { "folded header", "POST /mcp HTTP/1.1\r\n{headers}X-Folded: a\r\n b\r\nContent-Length: {length}\r\n\r\n{body}" },
        { "second host", "POST /mcp HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\n\r\n{body}" },
        { "other host in the request line", "POST http://evil.example/mcp HTTP/1.1\r\n{headers}Content-Length: {length}\r\n\r\n{body}" },
        { "NUL in a header", "POST /mcp HTTP/1.1\r\n{headers}X-Zero: a\0b\r\nContent-Length: {length}\r\n\r\n{body}" },
        { "method in lower case", "post /mcp HTTP/1.1\r\n{headers}Content-Length: {length}\r\n\r\n{body}" },
        { "other version", "POST /mcp HTTP/3.0\r\n{headers}Content-Length: {length}\r\n\r\n{body}" },
        { "path with a slash more", "POST /mcp/ HTTP/1.1\r\n{headers}Content-Length: {length}\r\n\r\n{body}" },
        { "path in capitals", "POST /MCP HTTP/1.1\r\n{headers}Content-Length: {length}\r\n\r\n{body}" },
    };

    [Theory]
    [MemberData(nameof(Ambiguous))]
    public async Task Post_Ambiguous_IsRefusedAndNotForwarded(string name, string template)
    {
        Assert.NotEqual("", name);
        var agent = await front.OpenAsync();
        var marker = agent.Marker();

        var reply = await RawHttp.ExchangeAsync(front.Gateway.Port, Fill(agent, marker, template));

        Assert.InRange(reply.Status, 400, 505);
        Assert.DoesNotContain(marker, await agent.ReceivedAsync(), StringComparison.Ordinal);
    }

    /// <summary>The client's mistake, not a fault of ours: answered and recorded like every message that is none.</summary>
    [Theory]
    [InlineData("+{hex}\r\n{body}\r\n0\r\n\r\n")]
    [InlineData("{hex}\r\n{body}0\r\n\r\n")]
    [InlineData("zz\r\n")]
    public async Task Post_BrokenChunks_AreAnsweredAndRecorded(string body)
    {
        var agent = await front.OpenAsync();

        var reply = await RawHttp.ExchangeAsync(front.Gateway.Port, Fill(agent, agent.Marker(), "POST /mcp HTTP/1.1\r\n{headers}Transfer-Encoding: chunked\r\n\r\n" + body));

        Assert.Equal(400, reply.Status);
        Assert.Equal("the body does not end as Content-Length or its chunks say", reply.Message().GetProperty("error").GetProperty("message").GetString());
        Assert.Single(await agent.LogsAsync(), record => record.GetProperty("decision").GetString() == "message_malformed");
    }

    [Fact]
    public async Task Post_LengthAndChunks_IsOneRequestByItsChunks()
    {
        // RFC 9112, 6.3: Transfer-Encoding wins. The length would end inside the body and make a second request of the rest.
        var agent = await front.OpenAsync();
        var (shown, hidden) = (agent.Marker(), agent.Marker());
        var smuggled = Encoding.Latin1.GetString(Fill(agent, hidden, "POST /mcp HTTP/1.1\r\n{headers}Content-Length: {length}\r\n\r\n{body}"));
        var request = Fill(agent, shown, "POST /mcp HTTP/1.1\r\n{headers}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{hex}\r\n{body}\r\n0\r\n\r\n");
        using var connection = await RawHttp.ConnectAsync(front.Gateway.Port);

        await connection.SendAsync((byte[])[.. request, .. Encoding.Latin1.GetBytes(smuggled.Replace("POST /mcp", "POST /none", StringComparison.Ordinal))]);
        var reply = await connection.ReceiveAsync();

        Assert.Contains(reply.Status, (int[])[200, 400]);
        Assert.DoesNotContain(hidden, await agent.ReceivedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_BodyCutShort_IsNotForwarded()
    {
        var agent = await front.OpenAsync();
        var marker = agent.Marker();
        var request = agent.Post(FrontAgent.Echo(marker)).ToBytes();
        using (var connection = await RawHttp.ConnectAsync(front.Gateway.Port))
            await connection.SendAsync(request.AsMemory(0, request.Length - 1));

        Assert.DoesNotContain(marker, await agent.ReceivedAsync(), StringComparison.Ordinal);
    }

    private static byte[] Fill(FrontAgent agent, string marker, string template)
    {
        var good = agent.Post(FrontAgent.Echo(marker));
        var headers = string.Concat(good.Headers.Select(header => $"{header.Name}: {header.Value}\r\n")) + "Connection: close\r\n";
        return Encoding.Latin1.GetBytes(template
            .Replace("{headers}", headers, StringComparison.Ordinal)
            .Replace("{length}", good.Body.Length.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{hex}", good.Body.Length.ToString("x", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{body}", Encoding.UTF8.GetString(good.Body), StringComparison.Ordinal));
    }
}
