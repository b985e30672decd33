using System.Buffers;

namespace Oktsec.Mcp.Http;

/// <summary>Writes JSON-RPC messages as server-sent events.</summary>
internal static class ServerSentEvent
{
    /// <summary>A comment that keeps proxies from closing an idle stream.</summary>
    public static ReadOnlySpan<byte> KeepAlive => ": keep-alive\n\n"u8;

    private static ReadOnlySpan<byte> Start => "event: message\ndata: "u8;

    /// <summary>One event. A line break in the JSON (white space between tokens) continues on a further data line, which a reader joins again.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> message)
    {
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
}
