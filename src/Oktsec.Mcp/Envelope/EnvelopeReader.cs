namespace Oktsec.Mcp.Envelope;

/// <summary>Reads bytes into an <see cref="RpcMessage"/> in one pass, or says why they are not one.</summary>
public static class EnvelopeReader
{
    /// <summary>Reads one message. On success the message keeps <paramref name="bytes"/>; nothing is copied.</summary>
    /// <param name="rented">The pooled array behind <paramref name="bytes"/>, given back by <see cref="RpcMessage.Dispose"/>; null when not pooled.</param>
    public static bool TryRead(
        ReadOnlyMemory<byte> bytes, EnvelopeLimits limits, out RpcMessage? message, out EnvelopeError? error, byte[]? rented = null) =>
        throw new NotImplementedException();
}
