namespace Oktsec.Clients.Known;

/// <summary>The list is called <c>servers</c>; older versions kept it in the settings, or called it as everybody does.</summary>
internal static class VsCode
{
    private static readonly EntryShape s_shape = new() { LocalType = "stdio", RemoteType = "http" };

    public static readonly Client Client = new("vscode", "VS Code",
        Place.User(m => EditorFolders.OfVsCode(m, "mcp.json")) with { Shape = s_shape, Lists = [["servers"], ["mcpServers"]] },
        Place.User(m => EditorFolders.OfVsCode(m, "settings.json")) with { Shape = s_shape, Lists = [["mcp", "servers"]] },
        Place.Project(m => [m.InProject(".vscode", "mcp.json")]) with { Shape = s_shape, Lists = [["servers"], ["mcpServers"]] });
}
