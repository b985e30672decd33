using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway;

/// <summary>A request of an agent that a backend is working on.</summary>
internal class InFlightCall(GatewaySession session, BackendSlot slot, RpcMessage message, PostReply reply, long sequence)
{
    private CancellationTokenSource? _cancel;

    public GatewaySession Session { get; } = session;

    public BackendSlot Slot { get; } = slot;

    public RpcMessage Message { get; private set; } = message;

    /// <summary>Where messages that belong to this call go.</summary>
    public PostReply Reply { get; private set; } = reply;

    /// <summary>Later calls have higher numbers.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>The agent said notifications/cancelled: it expects no answer.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>Made on first use: most calls are never cancelled.</summary>
    public CancellationToken Cancelled => (LazyInitializer.EnsureInitialized(ref _cancel)).Token;

    /// <summary>The agent asks for the same call by another request.</summary>
    protected void MoveTo(RpcMessage message, PostReply reply) => (Message, Reply) = (message, reply);

    public void Cancel()
    {
        IsCancelled = true;
        LazyInitializer.EnsureInitialized(ref _cancel).Cancel();
    }
}
