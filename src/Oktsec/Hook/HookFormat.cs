using System.Text;
using System.Text.Json;
using Oktsec.Gateway;

namespace Oktsec.Hook;

/// <summary>How one family of clients spells its events and wants to be answered.</summary>
/// <param name="Client">The agent's name when the command line gives none.</param>
/// <param name="Before">Names of the events before a tool runs, which can stop it.</param>
/// <param name="After">Names of the events after it ran.</param>
internal sealed record HookFormat(string Client, string[] Before, string[] After, Action<Utf8JsonWriter, string, string> WriteDenial)
{
    /// <summary>Claude Code, and those that took over its format (Codex, Copilot CLI, Qwen Code).</summary>
    public static HookFormat Claude { get; } = new("claude-code", ["PreToolUse"], ["PostToolUse", "PostToolUseFailure"], (json, name, reason) =>
    {
        var isBefore = name == "PreToolUse";
        if (!isBefore)
        {
            json.WriteString("decision", "block");
            json.WriteString("reason", reason);
        }
        json.WriteStartObject("hookSpecificOutput");
        json.WriteString("hookEventName", name);
        if (isBefore)
            json.WriteString("permissionDecision", "deny");
        json.WriteString(isBefore ? "permissionDecisionReason" : "additionalContext", reason);
        json.WriteEndObject();
    });

    public static HookFormat Gemini { get; } = new("gemini-cli", ["BeforeTool"], ["AfterTool"], (json, _, reason) =>
    {
        json.WriteString("decision", "deny");
        json.WriteString("reason", reason);
    });

    public static HookFormat Cursor { get; } = new(
        "cursor",
        ["preToolUse", "beforeShellExecution", "beforeMCPExecution", "beforeReadFile"],
        ["postToolUse", "afterShellExecution", "afterMCPExecution"],
        (json, name, reason) =>
        {
            if (name.StartsWith("after", StringComparison.Ordinal) || name == "postToolUse")
            {
                json.WriteString("additional_context", reason);
                return;
            }
            json.WriteString("permission", "deny");
            json.WriteString("user_message", reason);
            json.WriteString("agent_message", reason);
        });

    /// <summary>One line per family.</summary>
    public static IReadOnlyList<HookFormat> All { get; } = [Claude, Gemini, Cursor];

    public static HookFormat? Of(string name) => All.FirstOrDefault(f => f.Before.Contains(name) || f.After.Contains(name));

    /// <summary>The answer on stdout. Whoever does not read it gets the reason on stderr and the exit code, which say the same.</summary>
    public string Denial(string name, string reason)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, RelaxedJson.Options))
        {
            json.WriteStartObject();
            WriteDenial(json, name, reason);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
