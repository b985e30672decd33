namespace Oktsec.Benchmarks.Load;

/// <summary>Finds the response in server-sent events.</summary>
internal static class EventStream
{
    /// <summary>The data of the first complete event that is a JSON-RPC response; empty when it has not arrived. Priming and progress events are passed over.</summary>
    public static ReadOnlySpan<byte> FirstResponse(ReadOnlySpan<byte> body)
    {
        // A 1 MB event arrives in many pieces: look for its beginning only when the newest bytes end an event.
        if (!body.EndsWith("\n\n"u8) && !body.EndsWith("\r\n\r\n"u8))
            return default;
        while (!body.IsEmpty)
        {
            var end = body.IndexOf((byte)'\n');
            var line = body[..end].TrimEnd((byte)'\r');
            body = body[(end + 1)..];
            if (!line.StartsWith("data:"u8))
                continue;
            var data = line[5..].TrimStart((byte)' ');
            // Members may stand in any order; "method" says that it is no response.
            if (data.StartsWith("{"u8) && (data.IndexOf("\"result\":"u8) >= 0 || data.IndexOf("\"error\":"u8) >= 0))
                return data;
        }
        return default;
    }
}
