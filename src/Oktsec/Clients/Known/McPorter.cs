namespace Oktsec.Clients.Known;

internal static class McPorter
{
    private static readonly EntryShape s_shape = new() { Urls = ["baseUrl", "url", "serverUrl"] };

    public static readonly Client Client = new("mcporter", "mcporter",
        Place.User(m => [m.InHome(".mcporter", "mcporter.json"), m.InHome(".mcporter", "mcporter.jsonc")]) with { Shape = s_shape },
        Place.Project(m => [m.InProject("config", "mcporter.json")]) with { Shape = s_shape });
}
