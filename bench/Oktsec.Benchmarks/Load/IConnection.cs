namespace Oktsec.Benchmarks.Load;

/// <summary>One MCP session of one client, used by one thread with blocking calls.</summary>
internal interface IConnection : IDisposable
{
    /// <summary>Sends one request (ending in a newline) and returns the response message, valid until the next call.</summary>
    ReadOnlySpan<byte> Call(ReadOnlySpan<byte> request);

    void Notify(ReadOnlySpan<byte> notification);

    /// <summary>Writes the calls of one tool, and of no other from then on.</summary>
    CallWriter Writer(Payload payload, int number) => new(payload, number);
}

internal static class Handshake
{
    // The newest revision that every contender speaks.
    public const string ProtocolVersion = "2025-06-18";

    /// <summary>What every client does before its first call.</summary>
    public static void Open(IConnection connection)
    {
        connection.Call(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},"u8 +
            "\"clientInfo\":{\"name\":\"load\",\"version\":\"1.0.0\"}}}\n"u8);
        connection.Notify("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n"u8);
        Expect(connection.Call("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}\n"u8));
    }

    /// <summary>The same where there are no sessions: every request says for itself who sends it.</summary>
    public static void Discover(StatelessConnection connection)
    {
        connection.Request("server/discover");
        Expect(connection.Request("tools/list"));
    }

    private static void Expect(ReadOnlySpan<byte> tools)
    {
        if (tools.IndexOf("write_note"u8) < 0)
            throw new InvalidDataException("tools/list does not offer write_note");
    }
}
