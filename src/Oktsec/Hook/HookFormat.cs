using System.Text;
using System.Text.Json;
using Oktsec.Gateway;

namespace Oktsec.Hook;

/// <summary>What an event is about, which says what a denial does.</summary>
internal enum HookKind
{
    /// <summary>A tool is about to run; a denial stops it.</summary>
    Before,

    /// <summary>It ran; a denial tells the model not to use what came back.</summary>
    After,

    /// <summary>Something goes to the model without a tool; a denial stops it.</summary>
    Prompt,

    /// <summary>Nothing can be stopped any more: it is looked at and recorded as what would have been.</summary>
    Told,
}

/// <summary>How one family of clients spells its events and wants to be answered.</summary>
/// <param name="Client">The agent's name when the command line gives none.</param>
/// <param name="Before">Names of the events before a tool runs, which can stop it.</param>
/// <param name="After">Names of the events after it ran.</param>
/// <param name="Prompts">Names of those before something reaches the model without a tool.</param>
/// <param name="Told">Names of those that are only told.</param>
internal sealed record HookFormat(string Client, string[] Before, string[] After, string[] Prompts, string[] Told, Action<Utf8JsonWriter, string, string> WriteDenial)
{
    /// <summary>Claude Code, and those that took over its format (Codex, Copilot CLI, Qwen Code).</summary>
    public static HookFormat Claude { get; } = new(
        "claude-code", ["PreToolUse", "PermissionRequest"], ["PostToolUse", "PostToolUseFailure"], ["UserPromptSubmit", "UserPromptExpansion"],
        [
            // A denied Stop would make the model go on, again and again.
            "Stop", "StopFailure", "SubagentStart", "SubagentStop", "SessionStart", "SessionEnd", "Setup", "Notification", "PreCompact", "PostCompact",
            "InstructionsLoaded", "TaskCreated", "TaskCompleted", "TeammateIdle", "PermissionDenied", "ConfigChange", "CwdChanged", "FileChanged",
        ],
        (json, name, reason) =>
        {
            if (name is not ("PreToolUse" or "PermissionRequest"))
            {
                json.WriteString("decision", "block");
                json.WriteString("reason", reason);
            }
            if (name.StartsWith("UserPrompt", StringComparison.Ordinal))
                return;
            json.WriteStartObject("hookSpecificOutput");
            json.WriteString("hookEventName", name);
            if (name == "PermissionRequest")
            {
                json.WriteStartObject("decision");
                json.WriteString("behavior", "deny");
                json.WriteString("message", reason);
                json.WriteEndObject();
            }
            else if (name == "PreToolUse")
            {
                json.WriteString("permissionDecision", "deny");
                json.WriteString("permissionDecisionReason", reason);
            }
            else
            {
                json.WriteString("additionalContext", reason);
            }
            json.WriteEndObject();
        });

    public static HookFormat Gemini { get; } = new(
        "gemini-cli", ["BeforeTool"], ["AfterTool"], ["BeforeAgent"],
        ["AfterAgent", "BeforeModel", "AfterModel", "BeforeToolSelection", "SessionStart", "SessionEnd", "Notification", "PreCompress"],
        (json, _, reason) =>
        {
            json.WriteString("decision", "deny");
            json.WriteString("reason", reason);
        });

    public static HookFormat Cursor { get; } = new(
        "cursor",
        ["preToolUse", "beforeShellExecution", "beforeMCPExecution", "beforeReadFile", "beforeTabFileRead"],
        ["postToolUse", "postToolUseFailure", "afterShellExecution", "afterMCPExecution"],
        ["beforeSubmitPrompt", "subagentStart"],
        ["afterFileEdit", "afterTabFileEdit", "afterAgentResponse", "afterAgentThought", "subagentStop", "stop", "sessionStart", "sessionEnd", "preCompact"],
        (json, name, reason) =>
        {
            if (name.StartsWith("after", StringComparison.Ordinal) || name.StartsWith("postToolUse", StringComparison.Ordinal))
            {
                json.WriteString("additional_context", reason);
                return;
            }
            if (name == "beforeSubmitPrompt")
                json.WriteBoolean("continue", false);
            else
                json.WriteString("permission", "deny");
            json.WriteString("user_message", reason);
            json.WriteString("agent_message", reason);
        });

    /// <summary>Copilot CLI where a hook is registered under its own names for events, which its events do not say.</summary>
    public static HookFormat Copilot { get; } = new("copilot-cli", ["preToolUse"], ["postToolUse"], [], [], (json, _, reason) =>
    {
        json.WriteString("permissionDecision", "deny");
        json.WriteString("permissionDecisionReason", reason);
    });

    /// <summary>One line per family that says its events' names.</summary>
    public static IReadOnlyList<HookFormat> All { get; } = [Claude, Gemini, Cursor];

    public static HookFormat? Of(string name) => All.FirstOrDefault(f => f.Before.Contains(name) || f.After.Contains(name) || f.Prompts.Contains(name) || f.Told.Contains(name));

    public HookKind KindOf(string name) =>
        Before.Contains(name) ? HookKind.Before : After.Contains(name) ? HookKind.After : Prompts.Contains(name) ? HookKind.Prompt : HookKind.Told;

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
