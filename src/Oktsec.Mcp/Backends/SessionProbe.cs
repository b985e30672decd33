namespace Oktsec.Mcp.Backends;

/// <summary>Tells a session that is gone from a message that is wrong, where a server says 400 to both.</summary>
/// <remarks>MCP 2025-11-25, Transports, "Session Management" wants 404 for the first, and many servers do not know that, the reference server among them.</remarks>
internal static class SessionProbe
{
    // Its answer, which may come on another stream, is for nobody.
    private static readonly ReadOnlyMemory<byte> s_ping = """{"jsonrpc":"2.0","id":"oktsec-probe","method":"ping"}"""u8.ToArray();

    /// <summary>Whether a message in this session was refused because there is no such session: then a ping in it is refused too.</summary>
    /// <param name="post">Makes the request of a message.</param>
    public static async Task<bool> IsForgottenAsync(HttpWire wire, HttpResponseMessage refusal, Func<ReadOnlyMemory<byte>, WireRequest> post, CancellationToken cancel)
    {
        if ((int)refusal.StatusCode != 400)
            return (int)refusal.StatusCode == 404;
        using var answer = await wire.SendAsync(post(s_ping), cancel);
        return (int)answer.StatusCode is 400 or 404;
    }
}
