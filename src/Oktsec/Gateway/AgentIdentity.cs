using System.Net;
using Microsoft.AspNetCore.Http;
using Oktsec.Core.Configuration;
using Oktsec.Core.Identity;

namespace Oktsec.Gateway;

/// <summary>Who is calling, and how we know.</summary>
internal sealed class AgentIdentity(GatewayConfig config)
{
    public const string Header = "X-Oktsec-Agent";

    /// <summary>128 characters: the longest name the existing product accepts.</summary>
    private const int MaxNameLength = 128;

    private static readonly string[] s_proxyHeaders = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"];

    private readonly IPNetwork[] _trustedProxies = [.. config.TrustedProxies.Select(Parse)];

    /// <summary>The principal of a request; false when what it says of itself is ambiguous.</summary>
    /// <remarks>A name counts only from loopback, and only when no header says that the request came through a proxy we were not told of.</remarks>
    public bool TryIdentify(HttpContext http, out Principal principal)
    {
        principal = Principal.Anonymous;
        var names = http.Request.Headers[Header];
        if (names.Count == 0)
            return true;
        if (names.Count > 1 || !IsName(names[0]))
            return false;
        if (IsFromLoopback(http))
            principal = new Principal(names[0]!, AuthMethod.Header);
        return true;
    }

    /// <summary>Whether it can be the name of an agent.</summary>
    public static bool IsName(string? name) =>
        name is { Length: > 0 and <= MaxNameLength } && (char.IsAsciiLetterOrDigit(name[0]) || name[0] == '_')
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private bool IsFromLoopback(HttpContext http)
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
