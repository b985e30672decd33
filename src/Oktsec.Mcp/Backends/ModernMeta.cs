using System.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>What every request of 2026-07-28 says in <c>_meta</c> about us (MCP 2026-07-28, Basic, "Per-request protocol fields").</summary>
internal sealed class ModernMeta
{
    public const string Prefix = "io.modelcontextprotocol/";

    private static readonly byte[] s_version = Encoding.ASCII.GetBytes($"\"{Discover.Modern}\"");

    private readonly ReadOnlyMemory<byte> _clientInfo;
    private readonly byte[] _members;

    /// <param name="initializeParams">What the agent said of itself at initialize: nothing is promised that it did not promise.</param>
    public ModernMeta(ReadOnlyMemory<byte> initializeParams)
    {
        Capabilities = Object(initializeParams, "capabilities"u8) is { IsEmpty: false } given ? SessionView.Capabilities(given) : "{}"u8.ToArray();
        _clientInfo = Object(initializeParams, "clientInfo"u8);
        _members = [.. Member("protocolVersion", s_version), (byte)',', .. InfoMember(), .. Member("clientCapabilities", Capabilities)];
    }

    /// <summary>Raw; at least <c>{}</c>.</summary>
    public ReadOnlyMemory<byte> Capabilities { get; }

    /// <summary>The fields by name, as raw values; the log level only where one is set.</summary>
    public IEnumerable<(string Name, ReadOnlyMemory<byte> Value)> Fields(ReadOnlyMemory<byte> logLevel)
    {
        yield return ("protocolVersion", s_version);
        if (!_clientInfo.IsEmpty)
            yield return ("clientInfo", _clientInfo);
        yield return ("clientCapabilities", Capabilities);
        if (!logLevel.IsEmpty)
            yield return ("logLevel", logLevel);
    }

    /// <summary>All of them as members of an object.</summary>
    public ReadOnlyMemory<byte> Members(ReadOnlyMemory<byte> logLevel) =>
        logLevel.IsEmpty ? _members : (byte[])[.. _members, (byte)',', .. Member("logLevel", logLevel)];

    public static byte[] Member(string name, ReadOnlyMemory<byte> value) => [.. Encoding.ASCII.GetBytes($"\"{Prefix}{name}\":"), .. value.Span];

    /// <summary>Whether the agent declared a capability.</summary>
    public bool Declares(ReadOnlySpan<byte> capability) => !JsonMembers.Find(Capabilities.Span, capability).IsEmpty;

    private byte[] InfoMember() => _clientInfo.IsEmpty ? [] : [.. Member("clientInfo", _clientInfo), (byte)','];

    private static ReadOnlyMemory<byte> Object(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> member)
    {
        var range = JsonMembers.Find(json.Span, member);
        return !range.IsEmpty && json.Span[range.Start] == '{' ? json.Slice(range.Start, range.Length) : default;
    }
}
