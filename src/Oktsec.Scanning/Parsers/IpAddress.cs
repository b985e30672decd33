using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Oktsec.Scanning.Parsers;

/// <summary>Classes of addresses: metadata, loopback, private, link-local, cgnat, multicast, reserved, unspecified, public.</summary>
internal static class IpAddress
{
    /// <summary>The class of an IPv4 host in any form inet_aton takes (decimal, octal, hex, fewer parts), or null when it is none.</summary>
    /// <param name="text">The host.</param>
    /// <param name="isPlain">Four decimal parts, as people write it.</param>
    /// <param name="value">The address.</param>
    public static string? Classify4(ReadOnlySpan<byte> text, out bool isPlain, out uint value)
    {
        (isPlain, value) = (true, 0);
        var parts = 0;
        while (parts < 4)
        {
            var dot = text.IndexOf((byte)'.');
            var part = dot < 0 ? text : text[..dot];
            if (!TryPart(part, out var number, ref isPlain))
                return null;
            parts++;
            if (dot < 0)
            {
                // The last part fills the bytes that are left.
                var room = 8 * (5 - parts);
                if (room < 32 && number >= 1UL << room)
                    return null;
                value = (room == 32 ? 0 : value << room) | (uint)number;
                isPlain &= parts == 4;
                return Class4(value);
            }
            if (number > 255)
                return null;
            value = value << 8 | (uint)number;
            text = text[(dot + 1)..];
        }
        return null;
    }

    public static string? Classify6(ReadOnlySpan<byte> text)
    {
        var zone = text.IndexOf((byte)'%');
        if (zone >= 0)
            text = text[..zone];
        // 45 characters are the longest form there is.
        if (text.Length > 45 || !IPAddress.TryParse(Encoding.ASCII.GetString(text), out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
            return null;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (Embedded(bytes) is { } inner)
            return Class4(inner);
        if (address.Equals(IPAddress.IPv6Loopback))
            return "loopback";
        if (address.Equals(IPAddress.IPv6Any))
            return "unspecified";
        if (address.IsIPv6Multicast)
            return "multicast";
        if (address.IsIPv6LinkLocal)
            return "link-local";
        // fd00:ec2::254 is Amazon's metadata service; fc00::/7 is RFC 4193.
        if (bytes[0] == 0xFD && bytes[1] == 0 && bytes[2] == 0x0E && bytes[3] == 0xC2)
            return "metadata";
        return (bytes[0] & 0xFE) == 0xFC ? "private" : "public";
    }

    /// <summary>An IPv6 address that stands for one of IPv4; <paramref name="text"/> is one already classified.</summary>
    public static bool HasEmbedded(ReadOnlySpan<byte> text)
    {
        var zone = text.IndexOf((byte)'%');
        Span<byte> bytes = stackalloc byte[16];
        return IPAddress.TryParse(Encoding.ASCII.GetString(zone < 0 ? text : text[..zone]), out var address) && address.TryWriteBytes(bytes, out var count) && count == 16 && Embedded(bytes) is not null;
    }

    // ::ffff:a.b.c.d, ::a.b.c.d, 64:ff9b::a.b.c.d (RFC 6052), 2002:aabb:ccdd:: (RFC 3056)
    private static uint? Embedded(ReadOnlySpan<byte> bytes)
    {
        var last = (uint)(bytes[12] << 24 | bytes[13] << 16 | bytes[14] << 8 | bytes[15]);
        if (bytes[..10].ContainsAnyExcept((byte)0) is false && (bytes[10] == 0xFF && bytes[11] == 0xFF || (bytes[10] | bytes[11]) == 0 && last > 1))
            return last;
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0, 0x64, 0xFF, 0x9B]))
            return last;
        return bytes[0] == 0x20 && bytes[1] == 0x02 ? (uint)(bytes[2] << 24 | bytes[3] << 16 | bytes[4] << 8 | bytes[5]) : null;
    }

    private static bool TryPart(ReadOnlySpan<byte> part, out ulong number, ref bool isPlain)
    {
        number = 0;
        if (part.IsEmpty || part.Length > 16)
            return false;
        if (part.Length > 2 && part[0] == '0' && (part[1] | 0x20) == 'x')
        {
            isPlain = false;
            return Utf8Parser.TryParse(part[2..], out number, out var used, 'x') && used == part.Length - 2 && number <= uint.MaxValue;
        }
        if (part.Length > 1 && part[0] == '0')
        {
            isPlain = false;
            foreach (var c in part)
            {
                if (c is < (byte)'0' or > (byte)'7')
                    return false;
                number = number << 3 | (uint)(c - '0');
            }
            return number <= uint.MaxValue;
        }
        return Utf8Parser.TryParse(part, out number, out var read) && read == part.Length && char.IsAsciiDigit((char)part[0]) && number <= uint.MaxValue;
    }

    // IANA special-purpose registry, and the metadata services of the clouds.
    private static string Class4(uint value)
    {
        var (a, b, c) = (value >> 24, value >> 16 & 255, value >> 8 & 255);
        // 169.254.169.254 (AWS, Azure, Google), 169.254.170.2 (ECS), 100.100.100.200 (Alibaba), 192.0.0.192 (Oracle)
        if (value is 0xA9FEA9FE or 0xA9FEAA02 or 0x646464C8 or 0xC00000C0)
            return "metadata";
        return a switch
        {
            0 => "unspecified",
            10 => "private",
            127 => "loopback",
            100 when b is >= 64 and <= 127 => "cgnat",
            169 when b == 254 => "link-local",
            172 when b is >= 16 and <= 31 => "private",
            192 when b == 168 => "private",
            192 when b == 0 && c is 0 or 2 => "reserved",
            198 when b is 18 or 19 || (b == 51 && c == 100) => "reserved",
            203 when b == 0 && c == 113 => "reserved",
            >= 224 and <= 239 => "multicast",
            >= 240 => "reserved",
            _ => "public",
        };
    }
}
