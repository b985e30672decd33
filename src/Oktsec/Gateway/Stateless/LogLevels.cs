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
        await Task.WhenAll(session.Slots.Select(other => other.Current is { } backend && backend.Offers("logging")
            ? Telling.TellAsync(other, backend.RequestAsync, Methods.SetLevel, parameters).AsTask()
            : Task.CompletedTask));
    }
}
