using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Oktsec.Core.Configuration;

namespace Oktsec.Hosting;

/// <summary>Where the gateway listens, and what it refuses to listen on.</summary>
internal static class Listening
{
    /// <summary><c>port: auto</c> tries 9090 to 9100, as the existing product does.</summary>
    private const int AutoSteps = 10;

    /// <exception cref="StartException">The address is open to the network and nobody has to prove who they are.</exception>
    public static IPAddress Address(GatewayConfig config)
    {
        if (config.Bind is "localhost")
            return IPAddress.Loopback;
        if (!IPAddress.TryParse(config.Bind, out var address))
            throw new StartException($"gateway.bind: \"{config.Bind}\" is not an IP address; write 127.0.0.1, or the address of one interface");
        if (!IPAddress.IsLoopback(address) && !config.AllowUnauthenticated)
        {
            throw new StartException(
                $"gateway.bind: {config.Bind} is open to the network and agents there cannot prove who they are; "
                + "bind to 127.0.0.1, or set gateway.allow_unauthenticated: true if something in front of it authenticates");
        }
        return address;
    }

    public static IEnumerable<int> Ports(GatewayConfig config) =>
        config.PortAuto ? Enumerable.Range(9090, AutoSteps + 1) : [config.Port];

    /// <summary>127.0.0.1 listens on ::1 too, since clients resolve localhost to either; any other address only on itself.</summary>
    public static void Configure(KestrelServerOptions kestrel, IPAddress address, int port)
    {
        kestrel.Listen(address, port, Http1);
        if (address.Equals(IPAddress.Loopback) && port != 0 && Socket.OSSupportsIPv6 && IsFree(IPAddress.IPv6Loopback, port))
            kestrel.Listen(IPAddress.IPv6Loopback, port, Http1);
    }

    /// <summary>A request is handled, and its answer sent, on the thread that took it from the socket: three switches less for each call.</summary>
    /// <remarks>"Unsafe" is code that blocks that thread; on Linux it is a pool thread like any other (docs/decisions/0601-threads.md).</remarks>
    public static void Configure(SocketTransportOptions sockets) => sockets.UnsafePreferInlineScheduling = true;

    public static bool IsFree(IPAddress address, int port)
    {
        using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static void Http1(ListenOptions listen) => listen.Protocols = HttpProtocols.Http1;
}
