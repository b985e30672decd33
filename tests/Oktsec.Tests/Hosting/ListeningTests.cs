using System.Net;
using System.Net.Sockets;
using Oktsec.Core.Configuration;
using Oktsec.Hosting;

namespace Oktsec.Tests.Hosting;

public sealed class ListeningTests
{
    [Fact]
    public void Bind_AnyFreePort_TakesTheSameOneOnBothLoopbacks()
    {
        using var bound = new Bound(new GatewayConfig { Port = 0 });

        Assert.Equal([AddressFamily.InterNetwork, AddressFamily.InterNetworkV6], bound.Sockets.Select(s => s.AddressFamily));
        Assert.Single(bound.Sockets.Select(Listening.PortOf).Distinct());
        Assert.NotEqual(0, Listening.PortOf(bound.Sockets[0]));
    }

    [Fact]
    public void Bind_NamedPortThatIsTaken_SaysSo()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        var refused = Assert.Throws<StartException>(() => new Bound(new GatewayConfig { Port = ((IPEndPoint)other.LocalEndpoint).Port }));

        Assert.Contains("is in use", refused.Message);
    }

    [Fact]
    public void Bind_NamedPortTakenOnIPv6Only_StandsOnIPv4()
    {
        using var other = new TcpListener(IPAddress.IPv6Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        using var bound = new Bound(new GatewayConfig { Port = port });

        Assert.Equal(port, Listening.PortOf(Assert.Single(bound.Sockets)));
    }

    [Fact]
    public async Task Gateway_OnAnyFreePort_AnswersOnBothLoopbacks()
    {
        await using var gateway = await Gateway.TestGateway.StartAsync("");
        using var http = new HttpClient();

        foreach (var host in (string[])["127.0.0.1", "[::1]", "localhost"])
            Assert.Contains("\"status\":\"ok\"", await http.GetStringAsync($"http://{host}:{gateway.Url.Port}/health"));
    }

    private sealed class Bound(GatewayConfig config) : IDisposable
    {
        public IReadOnlyList<Socket> Sockets { get; } = Listening.Bind(IPAddress.Loopback, config);

        public void Dispose()
        {
            foreach (var socket in Sockets)
                socket.Dispose();
        }
    }
}
