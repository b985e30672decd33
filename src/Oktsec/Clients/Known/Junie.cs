namespace Oktsec.Clients.Known;

internal static class Junie
{
    public static readonly Client Client = new("junie", "JetBrains Junie",
        Place.User(m => [m.InHome(".junie", "mcp", "mcp.json")]),
        Place.Project(m => [m.InProject(".junie", "mcp", "mcp.json")]));
}
