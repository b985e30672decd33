using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>What a backend said of itself at initialize.</summary>
internal static class Handshakes
{
    public static ReadOnlyMemory<byte> Result(this BackendHandshake handshake) => handshake.Response.Memory(handshake.Response.Result);

    /// <summary>The raw value of a capability; empty when it is not declared.</summary>
    public static ReadOnlyMemory<byte> Capability(this BackendHandshake handshake, string name)
    {
        var result = handshake.Result();
        var capabilities = result.Slice(JsonMembers.Find(result.Span, "capabilities"u8));
        return capabilities.IsEmpty ? capabilities : capabilities.Slice(JsonMembers.Find(capabilities.Span, System.Text.Encoding.UTF8.GetBytes(name)));
    }

    public static bool Offers(this IBackend backend, string capability) =>
        backend.Handshake is { } handshake && !handshake.Capability(capability).IsEmpty;

    public static ReadOnlyMemory<byte> Slice(this ReadOnlyMemory<byte> bytes, ByteRange range) => bytes.Slice(range.Start, range.Length);
}
