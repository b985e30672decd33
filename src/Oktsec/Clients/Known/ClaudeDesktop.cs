namespace Oktsec.Clients.Known;

/// <summary>Its remote servers ("connectors") are kept in the account, not in a file.</summary>
internal static class ClaudeDesktop
{
    public static readonly Client Client = new("claude-desktop", "Claude Desktop",
        Place.User(m => [m.InSettings("Claude", "claude_desktop_config.json")]))
    {
        SpeaksHttp = false,
    };
}
