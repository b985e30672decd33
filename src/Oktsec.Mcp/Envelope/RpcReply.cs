using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;

namespace Oktsec.Mcp.Envelope;

/// <summary>Writes the responses that are our own.</summary>
public static class RpcReply
{
    private const int LongestCode = 11; // -2147483648

    /// <summary>A response around a raw JSON result.</summary>
    /// <param name="id">The raw token of the request's id.</param>
    public static void WriteResult(IBufferWriter<byte> output, ReadOnlySpan<byte> id, ReadOnlySpan<byte> result)
    {
        Begin(output, id);
        output.Write(",\"result\":"u8);
        output.Write(result);
        output.Write("}"u8);
    }

    /// <summary>An error response.</summary>
    /// <param name="id">
    /// The raw token of the request's id. Empty when the request has none that can be trusted: the member is then left out, because MCP's
    /// schema makes it optional and does not allow null (2025-11-25, JSONRPCErrorResponse).
    /// </param>
    /// <param name="message">Plain text; escaped here.</param>
    /// <param name="data">Raw JSON, or empty for none.</param>
    public static void WriteError(
        IBufferWriter<byte> output, ReadOnlySpan<byte> id, int code, string message, ReadOnlySpan<byte> data = default)
    {
        Begin(output, id);
        output.Write(",\"error\":{\"code\":"u8);
        var digits = output.GetSpan(LongestCode);
        Utf8Formatter.TryFormat(code, digits, out var length);
        output.Advance(length);
        output.Write(",\"message\":\""u8);
        // Relaxed: quotes, backslashes and control characters are escaped, and half surrogates replaced; nothing here is put into HTML.
        Encoding.UTF8.GetBytes(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(message), output);
        output.Write("\""u8);
        if (!data.IsEmpty)
        {
            output.Write(",\"data\":"u8);
            output.Write(data);
        }
        output.Write("}}"u8);
    }

    public static byte[] Result(ReadOnlySpan<byte> id, ReadOnlySpan<byte> result)
    {
        var output = new ArrayBufferWriter<byte>(result.Length + id.Length + 64); // 64: the members' names
        WriteResult(output, id, result);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Error(ReadOnlySpan<byte> id, int code, string message, ReadOnlySpan<byte> data = default)
    {
        var output = new ArrayBufferWriter<byte>();
        WriteError(output, id, code, message, data);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The answer to a message that was refused.</summary>
    public static byte[] Error(EnvelopeError refusal) => Error(refusal.Id.Span, refusal.Code, refusal.Detail);

    private static void Begin(IBufferWriter<byte> output, ReadOnlySpan<byte> id)
    {
        output.Write("{\"jsonrpc\":\"2.0\""u8);
        if (id.IsEmpty)
            return;
        output.Write(",\"id\":"u8);
        output.Write(id);
    }
}
