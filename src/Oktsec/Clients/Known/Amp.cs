namespace Oktsec.Clients.Known;

/// <summary>The list stands under one key with a dot in it, as settings of editors do.</summary>
internal static class Amp
{
    public static readonly Client Client = new("amp", "Amp",
        Place.User(m => [m.InDotConfig("amp", "settings.json")]) with { Lists = [["amp.mcpServers"]] },
        Place.Project(m => [m.InProject(".amp", "settings.json")]) with { Lists = [["amp.mcpServers"]] });
}
