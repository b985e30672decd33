namespace Oktsec.TestServer;

/// <summary>Where the messages go that belong to one request, or to none.</summary>
internal abstract class Channel
{
    /// <summary>Sends bytes as one message, whatever they are.</summary>
    public abstract Task SendAsync(ReadOnlyMemory<byte> message);

    /// <summary>Sends bytes without any framing; stdio only.</summary>
    public virtual Task SendRawAsync(ReadOnlyMemory<byte> bytes) => SendAsync(bytes);

    /// <summary>Cuts the connection under the request.</summary>
    public abstract Task CutAsync(bool gracefully);

    public Task SendAsync(string message) => SendAsync(System.Text.Encoding.UTF8.GetBytes(message));
}
