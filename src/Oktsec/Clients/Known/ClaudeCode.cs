using Oktsec.Hook;

namespace Oktsec.Clients.Known;

/// <summary>Servers of the user, of each project (the scope "local"), and of the project's own file. It has hooks, so that its built-in tools pass us too.</summary>
internal static class ClaudeCode
{
    private static readonly EntryShape s_shape = new() { LocalType = "stdio", RemoteType = "http" };

    public static readonly Client Client = new("claude-code", "Claude Code",
        Place.User(m => [UserFile(m)]) with { Shape = s_shape, Lists = [["mcpServers"], ["projects", "*", "mcpServers"]] },
        Place.Project(m => [m.InProject(".mcp.json")]) with { Shape = s_shape })
    {
        Hooks = new HookPlace(m => Path.Join(m.FolderOf("CLAUDE_CONFIG_DIR", m.InHome(".claude")), "settings.json"), HookFormat.Claude.Client, ["PreToolUse", "PostToolUse"]),
    };

    private static string UserFile(Machine machine) => Path.Join(machine.FolderOf("CLAUDE_CONFIG_DIR", machine.Home), ".claude.json");
}
