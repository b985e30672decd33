using System.Net;
using Microsoft.AspNetCore.Http;
using Oktsec.Core.Configuration;
using Oktsec.Core.Pipeline;

namespace Oktsec.Gateway;

/// <summary>Whether a request's Host names us and its Origin may talk to us: the defence against DNS rebinding.</summary>
internal sealed class HostRules(GatewayConfig config)
{
    private static readonly HashSet<string> s_loopback = new(StringComparer.OrdinalIgnoreCase) { "localhost", "127.0.0.1", "[::1]", "::1" };

    private readonly HashSet<string> _hosts = new(config.AllowedHosts, StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _origins = new(config.AllowedOrigins, StringComparer.OrdinalIgnoreCase);

    public HttpFacts Of(HttpContext http)
    {
        var origins = http.Request.Headers.Origin;
        var origin = origins.Count == 0 ? "" : origins.ToString();
        var host = http.Request.Host;
        var isHostAllowed = IsHostAllowed(http, host);
        var isOurs = isHostAllowed && string.Equals(origin, $"{http.Request.Scheme}://{host.Value}", StringComparison.OrdinalIgnoreCase);
        return new HttpFacts(origin, origins.Count == 0 || (origins.Count == 1 && (isOurs || IsOriginAllowed(origin))), host.Value ?? "", isHostAllowed);
    }

    /// <remarks>A page of our own address needs no entry: only what we serve there can be one, and Host has shown that the name is ours.</remarks>
    public bool IsOriginAllowed(string origin) => _origins.Contains(origin);

    private bool IsHostAllowed(HttpContext http, HostString host) =>
        host.HasValue && (s_loopback.Contains(host.Host) || _hosts.Contains(host.Host) || _hosts.Contains(host.Value) || IsOurAddress(http, host.Host));

    // The literal address the connection came in on is ours; a name that merely resolves to it is not.
    private static bool IsOurAddress(HttpContext http, string host) =>
        IPAddress.TryParse(host.Trim('[', ']'), out var address) && http.Connection.LocalIpAddress is { } local
        && (address.Equals(local) || (local.IsIPv4MappedToIPv6 && address.Equals(local.MapToIPv4())));
}
