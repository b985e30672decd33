using System.Buffers;
using System.Text.Json;

namespace Oktsec.Demo;

/// <summary>A small MCP server over stdio that counts the tool calls it receives: what it has not counted has not reached it.</summary>
internal static class DemoBackend
{
    /// <summary>The hidden command that turns the executable into this server.</summary>
    public const string CommandName = "__demo-backend";

    private const string Revision = "2025-06-18"; // any revision with initialize does

    /// <summary>Serves until its input ends.</summary>
    /// <param name="counterFile">Gets one line, the tool's name, for each call.</param>
    public static async Task ServeAsync(Stream input, Stream output, string counterFile, CancellationToken cancel)
    {
        using var lines = new StreamReader(input);
        while (await lines.ReadLineAsync(cancel) is { } line)
        {
            using var message = JsonDocument.Parse(line);
            var root = message.RootElement;
            if (!root.TryGetProperty("id", out var id) || !root.TryGetProperty("method", out var method))
                continue;
            var reply = Reply(id, method.GetString()!, root, counterFile);
            await output.WriteAsync(reply, cancel);
            await output.FlushAsync(cancel);
        }
    }

    /// <summary>How many calls a server with this file has received.</summary>
    public static int Received(string counterFile) => File.Exists(counterFile) ? File.ReadAllLines(counterFile).Length : 0;

    private static ReadOnlyMemory<byte> Reply(JsonElement id, string method, JsonElement message, string counterFile)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc", "2.0");
            json.WritePropertyName("id");
            id.WriteTo(json);
            json.WriteStartObject(method is "initialize" or "tools/list" or "tools/call" or "ping" ? "result" : "error");
            WriteBody(json, method, message, counterFile);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private static void WriteBody(Utf8JsonWriter json, string method, JsonElement message, string counterFile)
    {
        switch (method)
        {
            case "initialize":
                json.WriteString("protocolVersion", Revision);
                json.WriteStartObject("capabilities");
                json.WriteStartObject("tools");
                json.WriteEndObject();
                json.WriteEndObject();
                json.WriteStartObject("serverInfo");
                json.WriteString("name", "oktsec-demo");
                json.WriteString("version", "1.0.0");
                json.WriteEndObject();
                break;
            case "tools/list":
                DemoTools.WriteList(json);
                break;
            case "tools/call":
                var tool = message.GetProperty("params").GetProperty("name").GetString()!;
                File.AppendAllText(counterFile, tool + "\n");
                DemoTools.WriteResult(json, tool);
                break;
            case "ping":
                break;
            default:
                json.WriteNumber("code", -32601);
                json.WriteString("message", "Method not found");
                break;
        }
    }
}
