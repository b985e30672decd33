using System.Net;
using Microsoft.AspNetCore.Http;
using Oktsec.Core.Configuration;

namespace Oktsec.Identity;

/// <summary>Whether a request comes from this machine.</summary>
internal sealed class CallerOrigin(GatewayConfig config)
{
    private static readonly string[] s_proxyHeaders = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"];

    private readonly IPNetwork[] _trustedProxies = [.. config.TrustedProxies.Select(Parse)];

    /// <summary>Only from loopback, and only when no header says that it came through a proxy we were not told of.</summary>
    public bool IsThisMachine(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is not { } remote)
            return false;
        var isProxied = s_proxyHeaders.Any(http.Request.Headers.ContainsKey);
        if (!_trustedProxies.Any(p => p.Contains(Unmapped(remote))))
            return !isProxied && IPAddress.IsLoopback(Unmapped(remote));
        return !isProxied || ClientOf(http) is { } client && IPAddress.IsLoopback(client);
    }

    // The last address that a proxy of ours wrote down; what stands before it was said by the client. "Forwarded" (RFC 7239) is not read:
    // a request that carries it is not from loopback.
    private static IPAddress? ClientOf(HttpContext http)
    {
        if (http.Request.Headers.ContainsKey("Forwarded"))
            return null;
        var last = string.Join(',', http.Request.Headers["X-Forwarded-For"].AsEnumerable()).Split(',')[^1].Trim();
        return IPAddress.TryParse(last, out var address) ? Unmapped(address) : null;
    }

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static IPNetwork Parse(string range) => range.Contains('/') ? IPNetwork.Parse(range)
        : IPAddress.Parse(range) is var address ? new IPNetwork(address, address.GetAddressBytes().Length * 8) : default;
}
