namespace Oktsec.Clients.Known;

/// <summary>Its own file of servers; those that are added in its settings are kept in the account.</summary>
internal static class Warp
{
    private static readonly IReadOnlyList<IReadOnlyList<string>> s_lists = [["mcpServers"], ["mcp_servers"], ["servers"], []];

    public static readonly Client Client = new("warp", "Warp",
        Place.User(m => [m.InHome(".warp", ".mcp.json")]) with { Lists = s_lists },
        Place.Project(m => [m.InProject(".warp", ".mcp.json")]) with { Lists = s_lists });
}
