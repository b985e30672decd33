namespace Oktsec.Clients.Known;

internal static class Cline
{
    public static readonly Client Client = new("cline", "Cline",
        Place.User(m => [.. EditorFolders.OfExtension(m, "saoudrizwan.claude-dev", "cline_mcp_settings.json"), m.InHome(".cline", "data", "settings", "cline_mcp_settings.json")]));
}
