using System.Security.Cryptography;
using System.Text;
using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Hook;

/// <summary>One event of a client: a tool call before or after it ran, or what goes to the model or came from it without a tool.</summary>
/// <param name="Name">The event's name, as the answer repeats it.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Tool">The tool as the client names it; empty where there is none.</param>
/// <param name="Server">Of an MCP tool its server as the client's configuration names it; empty for the client's own.</param>
/// <param name="OwnName">The tool's name without that.</param>
/// <param name="Input">Raw JSON of the arguments; empty when there are none, or they were judged before.</param>
/// <param name="Output">Raw JSON of everything else that may carry content: what came back, a prompt, what the model said; empty when there is nothing.</param>
/// <param name="Session">How records name the client's session.</param>
internal sealed record HookEvent(
    HookFormat Format, string Name, HookKind Kind, string Tool, string Server, string OwnName, ReadOnlyMemory<byte> Input, ReadOnlyMemory<byte> Output, string Session)
{
    private const string McpPrefix = "mcp__"; // Claude Code: mcp__SERVER__TOOL
    private const string UnknownServer = "mcp"; // Cursor does not say which

    /// <summary>What a policy is asked about.</summary>
    /// <remarks>
    /// A built-in tool goes by the client's name for it, on a backend with the agent's name. An MCP tool's own name is its server's choice, and that
    /// no other server uses it cannot be known here: an entry allows it by its whole name, or together with its server's.
    /// </remarks>
    public Target Target(string agent) => Tool.Length == 0 ? Core.Pipeline.Target.None with { Backend = agent } : Server.Length > 0
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
        // Copilot CLI does not say the event's name where it is registered under Copilot's own.
        var name = JsonMembers.Text(json, "hook_event_name"u8) ?? "";
        var format = name.Length > 0 ? HookFormat.Of(name) : JsonMembers.Find(json, "toolName"u8).IsEmpty ? null : HookFormat.Copilot;
        if (format == HookFormat.Copilot)
            name = JsonMembers.Find(json, "toolResult"u8).IsEmpty ? format.Before[0] : format.After[0];
        problem = format is null ? "the event is none that is known by its hook_event_name" : "the event names no tool";
        return format is null ? null : Read(json, format, name);
    }

    private static HookEvent? Read(ReadOnlySpan<byte> json, HookFormat format, string name)
    {
        var session = JsonMembers.Text(json, "session_id"u8) ?? JsonMembers.Text(json, "conversation_id"u8) ?? JsonMembers.Text(json, "sessionId"u8) ?? "";
        var id = session.Length == 0 ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(session)))[..16];
        var kind = format.KindOf(name);
        if (kind is HookKind.Prompt or HookKind.Told)
            return new HookEvent(format, name, kind, "", "", "", default, HookRest.Of(json), id);
        var (tool, server, own) = ToolOf(json, name);
        if (tool.Length == 0)
            return null;
        var key = InputKey(json, name);
        var input = kind == HookKind.After ? [] : key is "tool_input" or "toolArgs" ? Raw(json, Encoding.ASCII.GetBytes(key)) : InputOf(json, key);
        string[] reach = name is "beforeMCPExecution" or "afterMCPExecution" ? ["command", "url"] : []; // how Cursor starts that server
        var rest = HookRest.Of(json, [key, JsonMembers.Find(json, "tool_name"u8).IsEmpty ? "toolName" : "tool_name", .. reach]);
        return new HookEvent(format, name, kind, tool, server, own, kind == HookKind.After || input.Length > 0 ? input : "{}"u8.ToArray(), rest, id);
    }

    private static string InputKey(ReadOnlySpan<byte> json, string name) => name switch
    {
        "beforeShellExecution" or "afterShellExecution" => "command",
        "beforeReadFile" or "beforeTabFileRead" => "file_path",
        _ => JsonMembers.Find(json, "tool_input"u8).IsEmpty ? "toolArgs" : "tool_input",
    };

    private static (string Tool, string Server, string Own) ToolOf(ReadOnlySpan<byte> json, string name)
    {
        var tool = name switch
        {
            "beforeShellExecution" or "afterShellExecution" => "Shell",
            "beforeReadFile" or "beforeTabFileRead" => "Read",
            _ => JsonMembers.Text(json, "tool_name"u8) ?? JsonMembers.Text(json, "toolName"u8) ?? "",
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

    private static byte[] InputOf(ReadOnlySpan<byte> json, string key)
    {
        var value = Raw(json, Encoding.ASCII.GetBytes(key));
        var folder = key == "command" ? Raw(json, "cwd"u8) : [];
        if (value.Length == 0)
            return [];
        return [.. "{\""u8, .. Encoding.ASCII.GetBytes(key), .. "\":"u8, .. value, .. folder.Length > 0 ? (byte[])[.. ",\"cwd\":"u8, .. folder] : [], (byte)'}'];
    }

    private static byte[] Raw(ReadOnlySpan<byte> json, ReadOnlySpan<byte> member) => Member(json, member).ToArray();

    private static ReadOnlySpan<byte> Member(ReadOnlySpan<byte> json, ReadOnlySpan<byte> member)
    {
        var range = JsonMembers.Find(json, member);
        return json.Slice(range.Start, range.Length);
    }
}
