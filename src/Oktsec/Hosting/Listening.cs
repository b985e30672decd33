using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Oktsec.Core.Configuration;
using Oktsec.Hosting.Transport;

namespace Oktsec.Hosting;

/// <summary>Where the gateway listens, and what it refuses to listen on.</summary>
internal static class Listening
{
    /// <summary><c>port: auto</c> tries 9090 to 9100, as the existing product does.</summary>
    private const int AutoSteps = 10;

    /// <summary>How often a free port of IPv4 is tried on IPv6. Each is taken by chance only; twenty in a row by design.</summary>
    private const int FreePortAttempts = 20;

    /// <param name="config">What the file and the command line say.</param>
    /// <param name="hasTokens">Whether there is a token by which anybody could prove who they are.</param>
    /// <exception cref="StartException">The address is open to the network and nobody can prove who they are.</exception>
    public static IPAddress Address(GatewayConfig config, Func<bool> hasTokens)
    {
        if (config.Bind is "localhost")
            return IPAddress.Loopback;
        if (!IPAddress.TryParse(config.Bind, out var address))
            throw new StartException($"gateway.bind: \"{config.Bind}\" is not an IP address; write 127.0.0.1, or the address of one interface");
        if (!IPAddress.IsLoopback(address) && !config.AllowUnauthenticated && !(config.TakesTokens && hasTokens()))
        {
            throw new StartException(
                $"gateway.bind: {config.Bind} is open to the network and agents there cannot prove who they are; "
                + "make a token (oktsec tokens create AGENT), bind to 127.0.0.1, or set gateway.allow_unauthenticated: true if something in front of it authenticates");
        }
        return address;
    }

    /// <summary>Takes the sockets before anything else starts, so that no other program can have the port by the time we listen.</summary>
    /// <remarks>127.0.0.1 brings ::1 with it on the same port, since clients resolve localhost to either; any other address stands alone.</remarks>
    /// <exception cref="StartException">The port is in use, or the address is none of this machine's.</exception>
    public static IReadOnlyList<Socket> Bind(IPAddress address, GatewayConfig config)
    {
        for (var attempt = 1; ; attempt++)
        {
            var first = BindFirst(address, config);
            if (!address.Equals(IPAddress.Loopback) || !Socket.OSSupportsIPv6)
                return [first];
            var (second, isTaken) = TryBind(IPAddress.IPv6Loopback, PortOf(first));
            if (second is not null)
                return [first, second];
            // A port that somebody named is ours on IPv4 alone then; one that we chose is chosen again.
            if (config.Port != 0 || !isTaken || attempt == FreePortAttempts)
                return [first];
            first.Dispose();
        }
    }

    public static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    public static void Configure(KestrelServerOptions kestrel, IReadOnlyList<Socket> sockets)
    {
        foreach (var socket in sockets)
            kestrel.Listen(socket.LocalEndPoint!, listen => listen.Protocols = HttpProtocols.Http1);
    }

    /// <summary>Hands over the sockets that are bound. A request is handled, and its answer sent, on the thread that took it from the socket.</summary>
    /// <remarks>On Linux that thread is one of the poller's (docs/decisions/0602-poller.md), elsewhere one of the pool's (0601-threads.md).</remarks>
    public static IWebHostBuilder Transport(IWebHostBuilder builder, IReadOnlyList<Socket> sockets) => OperatingSystem.IsLinux()
        ? builder.ConfigureServices(services => services.AddSingleton<IConnectionListenerFactory>(all => new PolledTransport(sockets, all.GetRequiredService<IMemoryPoolFactory<byte>>())))
        : builder.UseSockets(transport =>
        {
            transport.UnsafePreferInlineScheduling = true;
            transport.CreateBoundListenSocket = endpoint => sockets.First(s => endpoint.Equals(s.LocalEndPoint));
        });

    private static Socket BindFirst(IPAddress address, GatewayConfig config)
    {
        foreach (var port in config.PortAuto ? Enumerable.Range(9090, AutoSteps + 1) : [config.Port])
        {
            if (TryBind(address, port) is ({ } socket, _))
                return socket;
        }
        throw new StartException(config.PortAuto
            ? "gateway.port: 9090 to 9100 are all in use; name a free one with --port"
            : $"port {config.Port} is in use, perhaps by another oktsec; end it, name another with --port, or write gateway.port: auto");
    }

    private static (Socket? Socket, bool IsTaken) TryBind(IPAddress address, int port)
    {
        try
        {
            return (SocketTransportOptions.CreateDefaultBoundListenSocket(new IPEndPoint(address, port)), false);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return (null, true);
        }
        catch (SocketException) when (address.Equals(IPAddress.IPv6Loopback))
        {
            return (null, false); // IPv6 is compiled in and switched off
        }
        catch (SocketException e)
        {
            throw new StartException($"cannot listen on {address}:{port}: {e.Message}", e);
        }
    }
}
