using System.Text;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>
/// Tells a backend what a session has set: a level, a subscription. Its answer is waited for a moment only, since one that never comes would keep
/// calls of other backends waiting, or those of this one after it came back.
/// </summary>
internal static class Telling
{
    /// <summary>Whether it agreed; false also when it was lost, or does not say in time.</summary>
    /// <param name="slot">Whose patience it is.</param>
    /// <param name="ask">The slot's, which tries a new connection, or that of a connection which is not yet the slot's.</param>
    /// <param name="method">What it is told by.</param>
    /// <param name="parameters">The raw params.</param>
    public static async ValueTask<bool> TellAsync(
        BackendSlot slot, Func<BackendRequest, CancellationToken, Task<RpcMessage>> ask, string method, ReadOnlyMemory<byte> parameters)
    {
        byte[] bytes = [.. Encoding.ASCII.GetBytes($"{{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"{method}\",\"params\":"), .. parameters.Span, .. "}"u8];
        using var limit = slot.Health.TellLimit();
        try
        {
            using var response = await ask(new BackendRequest { Bytes = bytes, Id = new ByteRange(22, 1), Method = method }, limit.Token);
            return response.Kind == RpcKind.Response;
        }
        catch (Exception e) when (e is BackendUnavailableException or TimeoutException or ObjectDisposedException or OperationCanceledException)
        {
            return false; // the next connection is told anew (ServerRelay.OnConnectedAsync)
        }
    }
}
