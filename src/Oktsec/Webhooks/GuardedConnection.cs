using System.Net;
using System.Net.Sockets;

namespace Oktsec.Webhooks;

/// <summary>The destination is on a network that webhooks may not reach.</summary>
internal sealed class PrivateAddressException(string host)
    : IOException($"{host} is a private address; write allow_private: true at this webhook when that is meant");

/// <summary>Connects only to public addresses. The check is on the address that is connected to, so that a name cannot change in between.</summary>
internal static class GuardedConnection
{
    public static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var host = context.DnsEndPoint.Host;
        var all = await Dns.GetHostAddressesAsync(host, cancel);
        var allowed = Array.FindAll(all, a => !PrivateAddresses.Contains(a));
        if (allowed.Length == 0)
            throw all.Length == 0 ? new SocketException((int)SocketError.HostNotFound) : new PrivateAddressException(host);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
