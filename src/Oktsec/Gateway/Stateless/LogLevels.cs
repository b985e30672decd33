using System.Text;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway.Stateless;

/// <summary>
/// The level of log messages, said with each request, at backends that are told it once for a connection: told the lowest anybody asked for;
/// what a request did not ask for is left out when it comes.
/// </summary>
internal static class LogLevels
{
    public static async ValueTask EnsureAsync(GatewaySession session, BackendSlot slot, int level)
    {
        if (level < 0 || !session.TryLowerLogLevel(level))
            return;
        byte[] parameters = [.. "{\"level\":\""u8, .. Encoding.ASCII.GetBytes(StatelessRules.LogLevels[level]), .. "\"}"u8];
        session.LoggingLevel = parameters; // for connections that come later
        foreach (var other in session.Slots)
        {
            if (other.Current is { } backend && backend.Offers("logging"))
                await TellAsync(backend, parameters);
        }
    }

    private static async ValueTask TellAsync(IBackend backend, byte[] parameters)
    {
        byte[] bytes = [.. "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"logging/setLevel\",\"params\":"u8, .. parameters, .. "}"u8];
        try
        {
            (await backend.RequestAsync(new BackendRequest { Bytes = bytes, Id = new ByteRange(22, 1), Method = Methods.SetLevel }, CancellationToken.None)).Dispose();
        }
        catch (Exception e) when (e is BackendUnavailableException or TimeoutException)
        {
            // The next connection is told.
        }
    }
}
