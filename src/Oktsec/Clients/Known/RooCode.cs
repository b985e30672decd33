namespace Oktsec.Clients.Known;

internal static class RooCode
{
    private static readonly EntryShape s_shape = new() { LocalType = "stdio", RemoteType = "streamable-http" };

    public static readonly Client Client = new("roo-code", "Roo Code",
        Place.User(m => EditorFolders.OfExtension(m, "rooveterinaryinc.roo-cline", "mcp_settings.json")) with { Shape = s_shape },
        Place.Project(m => [m.InProject(".roo", "mcp.json")]) with { Shape = s_shape });
}
