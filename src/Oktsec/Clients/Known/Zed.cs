namespace Oktsec.Clients.Known;

/// <summary>Settings with comments. Older versions wrote <c>command</c> as a map; such entries are left alone.</summary>
internal static class Zed
{
    public static readonly Client Client = new("zed", "Zed",
        Place.User(m => [m.Kind == MachineKind.Windows ? m.InSettings("Zed", "settings.json") : m.InDotConfig("zed", "settings.json")]) with { Lists = [["context_servers"]] },
        Place.Project(m => [m.InProject(".zed", "settings.json")]) with { Lists = [["context_servers"]] });
}
