namespace Oktsec.Clients.Known;

internal static class Windsurf
{
    public static readonly Client Client = new("windsurf", "Windsurf",
        Place.User(m => [m.InHome(".codeium", "windsurf", "mcp_config.json")]) with { Shape = new() { Urls = ["serverUrl", "url"] } });
}
