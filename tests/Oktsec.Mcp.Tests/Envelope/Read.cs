using System.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Envelope;

/// <summary>Short forms for tests of the envelope.</summary>
internal static class Read
{
    public static RpcMessage Accepted(string json) => Accepted(Encoding.UTF8.GetBytes(json));

    public static RpcMessage Accepted(byte[] bytes, EnvelopeLimits? limits = null)
    {
        Assert.True(EnvelopeReader.TryRead(bytes, limits ?? EnvelopeLimits.FromAgents, out var message, out var error), error?.Detail);
        Assert.Null(error);
        return message;
    }

    public static EnvelopeError Refused(string json) => Refused(Encoding.UTF8.GetBytes(json));

    public static EnvelopeError Refused(byte[] bytes, EnvelopeLimits? limits = null)
    {
        Assert.False(EnvelopeReader.TryRead(bytes, limits ?? EnvelopeLimits.FromAgents, out var message, out var error), "accepted");
        Assert.Null(message);
        Assert.InRange(error.Offset, 0, Math.Max(bytes.Length, limits?.MaxBytes ?? 0));
        return error;
    }

    public static string Text(this RpcMessage message, ByteRange range) => Encoding.UTF8.GetString(message.Span(range));

    public static string IdText(this EnvelopeError error) => Encoding.UTF8.GetString(error.Id.Span);
}
