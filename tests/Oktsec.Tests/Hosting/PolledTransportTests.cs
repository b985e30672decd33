using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Oktsec.Hosting.Transport;
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

    /// <summary>What was flushed is on its way: a connection that is closed then must not take it back (a reset would).</summary>
    [Fact]
    public async Task Answer_NotYetRead_ArrivesAfterTheConnectionIsClosed()
    {
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 200 * 1024 };
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var listener = await new PolledTransport([listening], new Pools()).BindAsync(listening.LocalEndPoint!);
        // A small buffer at the reader's end: most of the answer waits at ours.
        using var reader = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await reader.ConnectAsync(listening.LocalEndPoint!);
        var answer = new byte[100 * 1024];
        Random.Shared.NextBytes(answer);

        await using (var connection = (await listener.AcceptAsync())!)
            await connection.Transport.Output.WriteAsync(answer);

        var arrived = new MemoryStream();
        await using (var stream = new NetworkStream(reader))
            await stream.CopyToAsync(arrived);
        Assert.Equal(answer, arrived.ToArray());
    }

    private sealed class Pools : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => MemoryPool<byte>.Shared;
    }
}
