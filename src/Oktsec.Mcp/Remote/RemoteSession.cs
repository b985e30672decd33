using System.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Remote;

/// <summary>A session as the server gave it.</summary>
/// <param name="Id">Its id, or null where the server keeps none.</param>
/// <param name="Version">The revision that was agreed on.</param>
/// <param name="Legacy">The stream of HTTP+SSE; null over Streamable HTTP.</param>
internal sealed record RemoteSession(string? Id, string? Version, LegacyStream? Legacy)
{
    public static RemoteSession None { get; } = new(null, null, null);
}

/// <summary>The session is over, or never was: the message was not taken.</summary>
internal sealed class SessionGoneException(string reason) : Exception(reason);

/// <summary>A message of the client on its way to the server.</summary>
internal sealed class ClientMessage
{
    private const string VersionKey = "io.modelcontextprotocol/protocolVersion"; // MCP 2026-07-28, "General fields"

    private static readonly EnvelopeLimits s_anySize = new(int.MaxValue, 256);

    private ClientMessage(ReadOnlyMemory<byte> bytes, RpcMessage? parsed)
    {
        (Bytes, Parsed) = (bytes, parsed);
        Revision = parsed is { Meta.IsEmpty: false } ? JsonMembers.Text(parsed.Span(parsed.Meta), Encoding.ASCII.GetBytes(VersionKey)) : null;
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Null for what is no message; it passes all the same where nothing is enforced.</summary>
    public RpcMessage? Parsed { get; }

    /// <summary>The revision that the message itself names; null for one of a session.</summary>
    public string? Revision { get; }

    public bool IsModern => Revision is not null;

    public string Method => Parsed?.Method ?? "";

    public bool IsRequest => Parsed is { Kind: RpcKind.Request };

    public bool IsInitialize => IsRequest && Method == Methods.Initialize;

    public byte[] Id => Parsed is null ? [] : Parsed.Span(Parsed.Id).ToArray();

    public static ClientMessage Of(ReadOnlyMemory<byte> bytes) =>
        new(bytes, EnvelopeReader.TryRead(bytes, s_anySize, out var parsed, out _) ? parsed : null);
}
