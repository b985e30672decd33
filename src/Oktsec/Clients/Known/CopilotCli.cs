using Oktsec.Clients.Documents;

namespace Oktsec.Clients.Known;

/// <summary>It reads <c>.mcp.json</c> of the project too, which is Claude Code's file. Events under Claude Code's names are spelled, and answered, as there.</summary>
internal static class CopilotCli
{
    private static readonly EntryShape s_shape = new() { LocalType = "local", RemoteType = "http", Extras = [("tools", Node.OfList(["*"]))] };

    public static readonly Client Client = new("copilot", "Copilot CLI",
        Place.User(m => [Path.Join(m.FolderOf("COPILOT_HOME", m.InHome(".copilot")), "mcp-config.json")]) with { Shape = s_shape },
        Place.Project(m => [m.InProject(".github", "mcp.json")]) with { Shape = s_shape })
    {
        Hooks = new HookPlace(m => Path.Join(m.FolderOf("COPILOT_HOME", m.InHome(".copilot")), "settings.json"), "copilot-cli", ["PreToolUse", "PostToolUse"]) { EveryTool = ".*" }, // a regular expression
    };
}
