namespace Oktsec.Clients.Known;

/// <summary>TOML; its hooks JSON, in the format of Claude Code.</summary>
internal static class Codex
{
    private static readonly Place s_user = Place.User(m => [Path.Join(m.FolderOf("CODEX_HOME", m.InHome(".codex")), "config.toml")]) with
    {
        Lists = [["mcp_servers"]],
        Shape = new() { Urls = ["url"], Headers = "http_headers" },
    };

    public static readonly Client Client = new("codex", "Codex CLI", s_user, s_user with { Files = m => [m.InProject(".codex", "config.toml")], IsProject = true })
    {
        Hooks = new HookPlace(m => Path.Join(m.FolderOf("CODEX_HOME", m.InHome(".codex")), "hooks.json"), "codex", ["PreToolUse", "PostToolUse"])
        {
            Remaining = "Codex runs a hook once you trust it: it asks when it starts next (/hooks shows it), and again when the command changes",
        },
    };
}
