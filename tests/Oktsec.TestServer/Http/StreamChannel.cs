namespace Oktsec.TestServer.Http;

/// <summary>A channel that is an event stream.</summary>
internal sealed class StreamChannel(EventLog log) : Channel
{
    public override Task SendAsync(ReadOnlyMemory<byte> message) => log.SendAsync(message);

    public override Task CutAsync(bool gracefully) => log.DetachAsync(gracefully);
}
