using System.Buffers;
using System.Buffers.Text;

namespace Oktsec.Scanning.Parsers;

/// <summary>
/// Finds URLs in text and reads each as the most lenient client would: user info, ports, trailing dots, hosts that are numbers in any base, IPv6 with
/// IPv4 inside. Reports scheme, host, class of address, path and the tricks used.
/// </summary>
internal sealed class CanonicalUrl
{
    private const int MaxLength = 8192;

    // A redirect to a redirect; more nesting than this reads the same text too often.
    private const int MaxNested = 3;

    private static readonly SearchValues<byte> Ends = SearchValues.Create(" \n\r\t\"'<>`{}|\\^"u8);

    private readonly FactList facts = new();
    private static readonly byte[][] WildcardDns = [".nip.io"u8.ToArray(), ".sslip.io"u8.ToArray(), ".xip.io"u8.ToArray()];

    private readonly byte[] host = new byte[256];
    private readonly byte[] embedded = new byte[256];
    private int hostLength;

    /// <summary>Every URL of a text; with <paramref name="isUrl"/> the text itself is one, or a host.</summary>
    public void Parse(ReadOnlySpan<byte> text, bool isUrl, IFactSink sink)
    {
        var found = false;
        for (var at = 0; at < text.Length;)
        {
            var mark = text[at..].IndexOf("://"u8);
            if (mark < 0)
                break;
            var scheme = at + mark;
            while (scheme > at && (char.IsAsciiLetterOrDigit((char)text[scheme - 1]) || text[scheme - 1] is (byte)'+' or (byte)'-' or (byte)'.'))
                scheme--;
            var length = text[(at + mark + 3)..].IndexOfAny(Ends);
            var end = length < 0 ? text.Length : at + mark + 3 + length;
            if (scheme < at + mark)
            {
                Read(text[scheme..(at + mark)], text[(at + mark + 3)..end], sink, scheme, end, end < text.Length && text[end] == '\\' && !(text[(at + mark + 3)..end].Contains((byte)'/') && IsEscape(text[(end + 1)..])));
                Nested(text[..end], at + mark + 3, sink);
                found = true;
            }
            at = Math.Max(end, at + mark + 3);
        }
        if (found || !isUrl)
            return;
        // javascript:..., data:..., //host/path, or a host alone.
        var colon = text.IndexOf((byte)':');
        var trimmed = text.Trim(" \n\r\t"u8);
        if (colon > 1 && colon + 1 < text.Length && !char.IsAsciiDigit((char)text[colon + 1]) && !text[..colon].ContainsAny((byte)'.', (byte)'/', (byte)' '))
            Read(text[..colon], text[(colon + 1)..], sink, 0, text.Length);
        else if (trimmed.Length is > 0 and <= 260 && !trimmed.ContainsAny(Ends))
            Read(default, trimmed.StartsWith("//"u8) ? trimmed[2..] : trimmed, sink, 0, text.Length);
    }

    // A tab, a quote or the last line end of a text that printf or a program's source writes.
    private static bool IsEscape(ReadOnlySpan<byte> behind) =>
        behind.StartsWith("t"u8) || IsQuote(behind) || ((behind.StartsWith("n"u8) || behind.StartsWith("r"u8)) && IsQuote(behind[1..]));

    private static bool IsQuote(ReadOnlySpan<byte> behind) => behind.Length > 0 && behind[0] is (byte)'"' or (byte)'\'';

    // The address a redirector is told to go to.
    private void Nested(ReadOnlySpan<byte> text, int at, IFactSink sink)
    {
        for (var i = 0; i < MaxNested; i++)
        {
            var mark = text[at..].IndexOf("://"u8);
            if (mark < 0)
                return;
            var scheme = at + mark;
            while (scheme > at && char.IsAsciiLetterOrDigit((char)text[scheme - 1]))
                scheme--;
            Read(text[scheme..(at + mark)], text[(at + mark + 3)..], sink, scheme, text.Length, isCut: false, isNested: true);
            at += mark + 3;
        }
    }

    /// <param name="scheme">What stands before the colon.</param>
    /// <param name="rest">What stands behind it and the slashes.</param>
    /// <param name="sink">Told of the URL.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="isCut">A backslash follows: browsers take it for a slash, libraries for a part of the host.</param>
    /// <param name="isNested">It stands in another.</param>
    private void Read(ReadOnlySpan<byte> scheme, ReadOnlySpan<byte> rest, IFactSink sink, int start, int end, bool isCut = false, bool isNested = false)
    {
        if (rest.Length > MaxLength)
            rest = rest[..MaxLength];
        facts.Clear();
        if (isCut)
            facts.Add(FactKey.Trick, "backslash"u8);
        if (isNested)
            facts.Add(FactKey.Trick, "nested"u8);
        // http:///host and http:/host go to the host as browsers read them.
        if (scheme.Length > 0 && (scheme[0] | 0x20) is 'h' or 'w' && rest.StartsWith("/"u8))
        {
            facts.Add(FactKey.Trick, "slashes"u8);
            rest = rest.TrimStart((byte)'/');
        }
        if (!scheme.IsEmpty)
            facts.Add(FactKey.Scheme, scheme);
        var slash = rest.IndexOfAny((byte)'/', (byte)'?', (byte)'#');
        var authority = slash < 0 ? rest : rest[..slash];
        var path = slash < 0 ? default : rest[slash..];
        var user = authority.LastIndexOf((byte)'@');
        if (user >= 0)
        {
            facts.Add(FactKey.UserInfo, authority[..user]);
            if (authority[..user].Contains((byte)'@'))
                facts.Add(FactKey.Trick, "many-at"u8);
            if (IpAddress.Classify4(authority[..user], out _, out _) is not null)
                facts.Add(FactKey.Trick, "address-user"u8);
            authority = authority[(user + 1)..];
        }
        Authority(authority);
        var question = path.IndexOf((byte)'?');
        facts.Add(FactKey.UrlPath, question < 0 ? path : path[..question]);
        if (question >= 0)
            facts.Add(FactKey.Query, path[(question + 1)..]);
        // Where a fragment or query begins, readers that look for the last @ still see a host behind it.
        if (path.Length > 1 && path[0] is (byte)'#' or (byte)'?' && path[1..].StartsWith("@"u8))
            facts.Add(FactKey.Trick, "late-at"u8);
        UrlBlobs.Add(facts, host.AsSpan(0, hostLength), question < 0 ? default : path[(question + 1)..]);
        sink.Item(FactLanguage.Url, facts, start, end);
    }

    private void Authority(ReadOnlySpan<byte> authority)
    {
        hostLength = 0;
        ReadOnlySpan<byte> name;
        if (authority.StartsWith("["u8))
        {
            var close = authority.IndexOf((byte)']');
            name = close < 0 ? authority[1..] : authority[1..close];
            authority = close < 0 ? default : authority[(close + 1)..];
            if (authority.StartsWith(":"u8))
                facts.Add(FactKey.Port, authority[1..]);
            facts.Add(FactKey.Host, name);
            var class6 = IpAddress.Classify6(name);
            AddClass(class6);
            // An IPv4 address dressed as IPv6: plain ones are written plainly.
            if (class6 is not null && IpAddress.HasEmbedded(name))
                facts.Add(FactKey.Trick, "embedded-ipv4"u8);
            return;
        }
        var colon = authority.LastIndexOf((byte)':');
        if (colon >= 0)
        {
            facts.Add(FactKey.Port, authority[(colon + 1)..]);
            authority = authority[..colon];
        }
        // Folding maps full-width and ideographic dots, circled digits and letters: clients that normalise names do the same (UTS 46).
        if (authority.Length > 120)
            authority = authority[^120..];
        var length = Views.UnicodeFold.Fold(authority, 0, authority.Length, host);
        if (length > 0 && host[length - 1] == '.')
        {
            facts.Add(FactKey.Trick, "trailing-dot"u8);
            length--;
        }
        hostLength = length;
        name = host.AsSpan(0, length);
        if (!authority.SequenceEqual(name) && authority.IndexOfAnyInRange((byte)0x80, (byte)0xFF) >= 0)
            facts.Add(FactKey.Trick, "unicode-host"u8);
        facts.Add(FactKey.Host, name);
        var kind = IpAddress.Classify4(name, out var isPlain, out var value);
        if (kind is not null && !isPlain)
            facts.Add(FactKey.Trick, "numeric-host"u8);
        // 127.0.0.1, Debian's own name, and the resolvers of systemd and Docker; the other sixteen million only fool lists.
        if (kind == "loopback" && value is not (0x7F000001 or 0x7F000101 or 0x7F000035 or 0x7F00000B))
            facts.Add(FactKey.Trick, "odd-loopback"u8);
        if (kind is not null && !isPlain)
            AddDotted(value);
        AddClass(kind);
        AddEmbedded(name);
        if (name.SequenceEqual("localhost"u8) || name.EndsWith(".localhost"u8) || name.SequenceEqual("ip6-localhost"u8))
            AddClass("loopback");
    }

    private void AddDotted(uint value)
    {
        Span<byte> dotted = stackalloc byte[16];
        var length = 0;
        for (var shift = 24; shift >= 0; shift -= 8)
        {
            Utf8Formatter.TryFormat((byte)(value >> shift), dotted[length..], out var digits);
            length += digits;
            dotted[length++] = (byte)'.';
        }
        facts.Add(FactKey.Host, dotted[..(length - 1)]);
    }

    private void AddClass(string? kind)
    {
        if (kind is null)
            return;
        Span<byte> bytes = stackalloc byte[16];
        System.Text.Encoding.ASCII.GetBytes(kind, bytes);
        facts.Add(FactKey.Ip, bytes[..kind.Length]);
    }

    // 10.0.0.1.nip.io and 127-0-0-1.sslip.io resolve to the address they contain.
    private void AddEmbedded(ReadOnlySpan<byte> name)
    {
        foreach (var suffix in WildcardDns)
        {
            if (!name.EndsWith(suffix) && !name.SequenceEqual(suffix.AsSpan(1)))
                continue;
            facts.Add(FactKey.Trick, "wildcard-dns"u8);
            var head = name[..Math.Max(0, name.Length - suffix.Length)];
            head.Replace(embedded, (byte)'-', (byte)'.');
            // The address is the last four numbers.
            var at = head.Length;
            for (var dots = 0; at > 0 && (char.IsAsciiDigit((char)embedded[at - 1]) || (embedded[at - 1] == '.' && ++dots < 4)); at--)
            {
            }
            AddClass(IpAddress.Classify4(embedded.AsSpan(at, head.Length - at), out _, out _));
            return;
        }
        if (name.EndsWith(".localtest.me"u8) || name.EndsWith(".lvh.me"u8) || name.SequenceEqual("localtest.me"u8) || name.SequenceEqual("lvh.me"u8))
            AddClass("loopback");
    }
}
