using System.Security.Cryptography;
using System.Text;
using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Hook;

/// <summary>One tool call of a client, before or after it ran.</summary>
/// <param name="Name">The event's name, as the answer repeats it.</param>
/// <param name="Tool">The tool as the client names it.</param>
/// <param name="Server">Of an MCP tool its server as the client's configuration names it; empty for the client's own.</param>
/// <param name="OwnName">The tool's name without that.</param>
/// <param name="Input">Raw JSON of the arguments; empty when they were judged before.</param>
/// <param name="Output">Raw JSON of what came back; empty before the tool ran.</param>
/// <param name="Session">How records name the client's session.</param>
internal sealed record HookEvent(
    HookFormat Format, string Name, string Tool, string Server, string OwnName, ReadOnlyMemory<byte> Input, ReadOnlyMemory<byte> Output, string Session)
{
    private const string McpPrefix = "mcp__"; // Claude Code: mcp__SERVER__TOOL
    private const string UnknownServer = "mcp"; // Cursor does not say which

    /// <summary>What a policy is asked about.</summary>
    /// <remarks>
    /// A built-in tool goes by the client's name for it, on a backend with the agent's name. An MCP tool's own name is its server's choice, and that
    /// no other server uses it cannot be known here: an entry allows it by its whole name, or together with its server's.
    /// </remarks>
    public Target Target(string agent) => Server.Length > 0
        ? new Target(TargetKind.Tool, Tool, Server, OwnName, IsOwnNameUnique: false)
        : new Target(TargetKind.Tool, Tool, agent, Tool, IsOwnNameUnique: true);

    /// <summary>Reads an event as strictly as a message: what two readers could read differently is refused.</summary>
    /// <param name="json">The event.</param>
    /// <param name="maxDepth">Nesting beyond which it is refused.</param>
    /// <param name="problem">What is wrong when the answer is null.</param>
    public static HookEvent? Read(ReadOnlySpan<byte> json, int maxDepth, out string problem)
    {
        json = json.Trim(" \t\r\n"u8);
        var prefix = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hook/event\",\"params\":"u8;
        byte[] bytes = [.. prefix, .. json, (byte)'}'];
        if (!EnvelopeReader.TryRead(bytes, new EnvelopeLimits(int.MaxValue, maxDepth), out var message, out var error))
        {
            problem = $"the event cannot be read: {error.Detail}";
            return null;
        }
        if (message.Params.Start != prefix.Length || message.Params.Length != json.Length || json[0] != '{')
        {
            problem = "the event is no JSON object";
            return null;
        }
        var name = JsonMembers.Text(json, "hook_event_name"u8) ?? "";
        var format = HookFormat.Of(name);
        problem = format is null ? "the event is none of a tool: hook_event_name says nothing that is known" : "the event names no tool";
        return format is null ? null : Read(json, format, name);
    }

    private static HookEvent? Read(ReadOnlySpan<byte> json, HookFormat format, string name)
    {
        var (tool, server, own) = ToolOf(json, name);
        if (tool.Length == 0)
            return null;
        var isAfter = format.After.Contains(name);
        var input = isAfter ? [] : name is "beforeShellExecution" or "beforeReadFile" ? InputOf(json, name) : Raw(json, "tool_input"u8);
        var session = JsonMembers.Text(json, "session_id"u8) ?? JsonMembers.Text(json, "conversation_id"u8) ?? "";
        var id = session.Length == 0 ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(session)))[..16];
        return new HookEvent(format, name, tool, server, own, isAfter || input.Length > 0 ? input : "{}"u8.ToArray(), OutputOf(json, name, isAfter), id);
    }

    private static (string Tool, string Server, string Own) ToolOf(ReadOnlySpan<byte> json, string name)
    {
        var tool = name switch
        {
            "beforeShellExecution" or "afterShellExecution" => "Shell",
            "beforeReadFile" => "Read",
            _ => JsonMembers.Text(json, "tool_name"u8) ?? "",
        };
        if (name is "beforeMCPExecution" or "afterMCPExecution")
            return tool.Length > 0 ? ("MCP:" + tool, UnknownServer, tool) : ("", "", "");
        if (Member(json, "mcp_context"u8) is { IsEmpty: false } context) // Gemini CLI
            return (tool, JsonMembers.Text(context, "server_name"u8) is { Length: > 0 } given ? given : UnknownServer, JsonMembers.Text(context, "tool_name"u8) ?? tool);
        if (!tool.StartsWith(McpPrefix, StringComparison.Ordinal))
            return (tool, "", tool);
        // With more separators than one it cannot be told where the server's name ends.
        return tool[McpPrefix.Length..].Split("__") is [{ Length: > 0 } server, { Length: > 0 } own] ? (tool, server, own) : (tool, UnknownServer, tool);
    }

    private static byte[] InputOf(ReadOnlySpan<byte> json, string name)
    {
        var (key, value) = name == "beforeReadFile" ? ("file_path", Raw(json, "file_path"u8)) : ("command", Raw(json, "command"u8));
        var folder = name == "beforeReadFile" ? [] : Raw(json, "cwd"u8);
        if (value.Length == 0)
            return [];
        return [.. "{\""u8, .. Encoding.ASCII.GetBytes(key), .. "\":"u8, .. value, .. folder.Length > 0 ? (byte[])[.. ",\"cwd\":"u8, .. folder] : [], (byte)'}'];
    }

    private static byte[] OutputOf(ReadOnlySpan<byte> json, string name, bool isAfter) => name switch
    {
        "beforeReadFile" => Raw(json, "content"u8),
        "afterShellExecution" => Raw(json, "output"u8),
        "afterMCPExecution" => Raw(json, "result_json"u8),
        "PostToolUseFailure" => Raw(json, "error"u8),
        _ when !isAfter => [],
        _ => First(Raw(json, "tool_response"u8), Raw(json, "tool_output"u8), Raw(json, "tool_result"u8)), // Claude Code; Cursor; Copilot CLI
    };

    private static byte[] First(params ReadOnlySpan<byte[]> some)
    {
        foreach (var one in some)
        {
            if (one.Length > 0)
                return one;
        }
        return [];
    }

    private static byte[] Raw(ReadOnlySpan<byte> json, ReadOnlySpan<byte> member) => Member(json, member).ToArray();

    private static ReadOnlySpan<byte> Member(ReadOnlySpan<byte> json, ReadOnlySpan<byte> member)
    {
        var range = JsonMembers.Find(json, member);
        return json.Slice(range.Start, range.Length);
    }
}
