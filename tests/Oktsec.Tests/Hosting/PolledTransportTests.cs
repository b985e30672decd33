using System.Text;
using Oktsec.Tests.Gateway;
using Oktsec.Tests.Http;

namespace Oktsec.Tests.Hosting;

public sealed class PolledTransportTests
{
    private static readonly byte[] s_health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();

    [Fact]
    public async Task Requests_TwoInOnePiece_AreBothAnswered()
    {
        await using var gateway = await TestGateway.StartAsync("");
        using var connection = await RawHttp.ConnectAsync(gateway.Url.Port);

        await connection.SendAsync((byte[])[.. s_health, .. s_health]);

        Assert.Contains("\"ok\"", (await connection.ReceiveAsync()).Body);
        Assert.Contains("\"ok\"", (await connection.ReceiveAsync()).Body);
    }

    [Fact]
    public async Task Request_ByteByByte_IsAnswered()
    {
        await using var gateway = await TestGateway.StartAsync("");
        using var connection = await RawHttp.ConnectAsync(gateway.Url.Port);

        foreach (var b in s_health)
            await connection.SendAsync((byte[])[b]);

        Assert.Contains("\"ok\"", (await connection.ReceiveAsync()).Body);
    }

    /// <summary>An agent that asks and asks and reads nothing fills its own connection, and nobody else's.</summary>
    [Fact]
    public async Task Answers_NotRead_WaitForTheirReaderAndHoldUpNobody()
    {
        const int requests = 40_000; // about 8 MB of answers: more than the buffers of both ends
        await using var gateway = await TestGateway.StartAsync("");
        using var slow = await RawHttp.ConnectAsync(gateway.Url.Port);
        var many = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Encoding.ASCII.GetString(s_health), requests)));
        var sending = slow.SendAsync(many);

        for (var i = 0; i < 20; i++)
            Assert.Contains("\"ok\"", (await RawHttp.ExchangeAsync(gateway.Url.Port, s_health)).Body);

        for (var i = 0; i < requests; i++)
            Assert.Contains("\"ok\"", (await slow.ReceiveAsync()).Body);
        await sending;
    }

    [Fact]
    public async Task Connections_ThatBreakAnywhere_LeaveTheOthersAlone()
    {
        await using var gateway = await TestGateway.StartAsync("");
        for (var length = 0; length < s_health.Length; length += 5)
        {
            using var broken = await RawHttp.ConnectAsync(gateway.Url.Port);
            await broken.SendAsync(s_health.AsMemory(0, length));
        }

        Assert.Contains("\"ok\"", (await RawHttp.ExchangeAsync(gateway.Url.Port, s_health)).Body);
    }
}
