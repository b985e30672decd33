using System.Net;
using System.Net.Sockets;

namespace Oktsec.Webhooks;

/// <summary>Addresses that are not on the public internet: a webhook must not be a way into the operator's network.</summary>
internal static class PrivateAddresses
{
    // https://www.iana.org/assignments/iana-ipv4-special-registry
    private static readonly IPNetwork[] s_v4 =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"), // link-local, cloud metadata
        IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("198.18.0.0/15"),
        IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"),
    ];

    // https://www.iana.org/assignments/iana-ipv6-special-registry: of IPv6 only 2000::/3 is handed out, less what is special inside it.
    private static readonly IPNetwork s_global = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] s_v6 = [IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("3fff::/20")];
    private static readonly IPNetwork s_sixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork s_nat64 = IPNetwork.Parse("64:ff9b::/96");

    public static bool Contains(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return s_v4.Any(n => n.Contains(address));
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.ScopeId != 0)
            return true;
        // Both carry an IPv4 address that a router unpacks.
        var bytes = address.GetAddressBytes();
        if (s_sixToFour.Contains(address))
            return Contains(new IPAddress(bytes.AsSpan(2, 4)));
        if (s_nat64.Contains(address))
            return Contains(new IPAddress(bytes.AsSpan(12, 4)));
        return !s_global.Contains(address) || s_v6.Any(n => n.Contains(address));
    }
}
