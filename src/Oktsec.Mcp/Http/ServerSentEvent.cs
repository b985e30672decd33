using System.Buffers;
using System.Text;

namespace Oktsec.Mcp.Http;

/// <summary>Writes JSON-RPC messages as server-sent events.</summary>
internal static class ServerSentEvent
{
    /// <summary>A comment that keeps proxies from closing an idle stream.</summary>
    public static ReadOnlySpan<byte> KeepAlive => ": keep-alive\n\n"u8;

    private static ReadOnlySpan<byte> Start => "event: message\ndata: "u8;

    /// <summary>The event that opens a stream which can be taken up again: an id, no data, and when to come back.</summary>
    public static void WriteOpening(IBufferWriter<byte> output, string id)
    {
        WriteId(output, id);
        output.Write("retry: 1000\ndata:\n\n"u8); // ms: what browsers wait by themselves
    }

    /// <summary>One event. A line break in the JSON (white space between tokens) continues on a further data line, which a reader joins again.</summary>
    /// <param name="id">The event's id, or empty.</param>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> message, string id = "")
    {
        if (id.Length > 0)
            WriteId(output, id);
        output.Write(Start);
        while (message.IndexOfAny((byte)'\n', (byte)'\r') is var at and >= 0)
        {
            output.Write(message[..at]);
            output.Write("\ndata: "u8);
            var isPair = message[at] == '\r' && at + 1 < message.Length && message[at + 1] == '\n';
            message = message[(at + (isPair ? 2 : 1))..];
        }
        output.Write(message);
        output.Write("\n\n"u8);
    }

    private static void WriteId(IBufferWriter<byte> output, string id)
    {
        output.Write("id: "u8);
        Encoding.ASCII.GetBytes(id, output);
        output.Write("\n"u8);
    }
}
