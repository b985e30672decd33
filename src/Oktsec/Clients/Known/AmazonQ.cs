namespace Oktsec.Clients.Known;

internal static class AmazonQ
{
    public static readonly Client Client = new("amazon-q", "Amazon Q",
        Place.User(m => [m.InHome(".aws", "amazonq", "mcp.json"), m.InHome(".aws", "amazonq", "default.json"), m.InHome(".aws", "amazonq", "agents", "default.json")]),
        Place.Project(m => [m.InProject(".amazonq", "mcp.json"), m.InProject(".amazonq", "default.json")]));
}
