namespace Oktsec.Clients.Known;

internal static class LmStudio
{
    public static readonly Client Client = new("lm-studio", "LM Studio",
        Place.User(m => [m.InHome(".lmstudio", "mcp.json")]));
}
