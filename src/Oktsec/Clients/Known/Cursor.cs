namespace Oktsec.Clients.Known;

internal static class Cursor
{
    public static readonly Client Client = new("cursor", "Cursor",
        Place.User(m => [m.InHome(".cursor", "mcp.json")]),
        Place.Project(m => [m.InProject(".cursor", "mcp.json")]));
}
